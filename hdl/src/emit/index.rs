//! Array indices: arithmetic of loop variables and literals, worked out while loops are unrolled.

/// Replaces every `[…]` of a path by `$value`: `rows[r].a[i + 1]` becomes `rows$2$a$1`.
/// The error is the index that has no value.
pub fn resolve(path: &str, loops: &[(String, usize)]) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = path;
    while let Some(open) = rest.find('[') {
        let Some(close) = rest[open..].find(']').map(|c| c + open) else {
            return Err(path.into());
        };
        let index = &rest[open + 1..close];
        let value = evaluate(index, loops).ok_or_else(|| index.to_string())?;
        out += &format!("{}${value}", &rest[..open]);
        rest = &rest[close + 1..];
    }
    out += rest;
    let name = out.replace("::", "$").replace('.', "$");
    let name = name.strip_suffix("$next").unwrap_or(&name);
    Ok(name.trim_start_matches('$').to_string())
}

/// The value of an index expression: + - * / % and parentheses over loop variables and literals.
pub fn evaluate(text: &str, loops: &[(String, usize)]) -> Option<i64> {
    let tokens: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        loops,
    };
    let value = parser.sum()?;
    (parser.at == tokens.len() && value >= 0).then_some(value)
}

struct Parser<'a> {
    tokens: &'a [char],
    at: usize,
    loops: &'a [(String, usize)],
}

impl Parser<'_> {
    fn peek(&self) -> char {
        self.tokens.get(self.at).copied().unwrap_or('\0')
    }

    fn sum(&mut self) -> Option<i64> {
        let mut value = self.product()?;
        while matches!(self.peek(), '+' | '-') {
            let op = self.peek();
            self.at += 1;
            let right = self.product()?;
            value = if op == '+' {
                value.checked_add(right)?
            } else {
                value.checked_sub(right)?
            };
        }
        Some(value)
    }

    fn product(&mut self) -> Option<i64> {
        let mut value = self.atom()?;
        while matches!(self.peek(), '*' | '/' | '%') {
            let op = self.peek();
            self.at += 1;
            let right = self.atom()?;
            value = match op {
                '*' => value.checked_mul(right)?,
                '/' => value.checked_div(right)?,
                _ => value.checked_rem(right)?,
            };
        }
        Some(value)
    }

    fn atom(&mut self) -> Option<i64> {
        if self.peek() == '(' {
            self.at += 1;
            let value = self.sum()?;
            let closed = self.peek() == ')';
            self.at += 1;
            return closed.then_some(value);
        }
        let start = self.at;
        while self.peek().is_ascii_alphanumeric() || self.peek() == '_' {
            self.at += 1;
        }
        let word: String = self.tokens[start..self.at].iter().collect();
        let of_loop = self.loops.iter().rev().find(|(name, _)| *name == word);
        match of_loop {
            Some((_, value)) => i64::try_from(*value).ok(),
            None => word.trim_end_matches("usize").replace('_', "").parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bracket_is_resolved() {
        let loops = [("r".to_string(), 2), ("i".to_string(), 3)];
        assert_eq!(
            resolve("rows[r].a[(i-1)*4+r]", &loops).unwrap(),
            "rows$2$a$10"
        );
        assert_eq!(resolve("pe[0].q.next", &loops).unwrap(), "pe$0$q");
        assert_eq!(resolve("a[L-1-i]", &loops).unwrap_err(), "L-1-i");
        assert_eq!(resolve("a[i-4]", &loops).unwrap_err(), "i-4");
    }
}
