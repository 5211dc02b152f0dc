//! The arithmetic against the conformance vectors: every line of a kind that needs no loop over a tensor's space.

use serde_json::Value;
use tandem_isa::numerics::*;

/// Kinds whose lines need convolution loops; the devices' suites check them.
const ELSEWHERE: [&str; 3] = ["conv_forward", "conv_dx", "conv_dw"];

fn int(v: &Value, name: &str) -> i64 {
    v[name].as_i64().unwrap_or_else(|| panic!("{name}: {v}"))
}

fn ints<T: TryFrom<i64>>(v: &Value) -> Vec<T> {
    let one = |x: &Value| T::try_from(x.as_i64()?).ok();
    let list = v.as_array().expect("an array");
    list.iter().map(|x| one(x).expect("in range")).collect()
}

fn words(v: &Value, name: &str) -> Vec<i16> {
    ints(&v[name])
}

fn random_words(v: &Value, name: &str) -> Vec<u16> {
    ints(&v[name])
}

fn check_exponent(v: &Value) {
    let mut state = Exponent::default();
    let (masks, formats) = (ints::<u64>(&v["masks"]), ints::<i32>(&v["f_acc"]));
    let expected = v["state"].as_array().unwrap();
    assert_eq!(
        (masks.len(), formats.len()),
        (expected.len(), expected.len())
    );
    for (i, want) in expected.iter().enumerate() {
        state.finish(masks[i], formats[i]);
        let found = [i64::from(state.e), state.count.into(), state.valid.into()];
        assert_eq!(found.to_vec(), ints::<i64>(want), "tensor {i}");
    }
}

fn check_softmax(v: &Value) {
    let z = words(v, "z");
    let (mut p, mut g) = (vec![0; z.len()], vec![0; z.len()]);
    softmax(&z, int(v, "f_z") as i32, int(v, "C") as u32, &mut p).unwrap();
    assert_eq!(p, words(v, "p"));
    gradient_hard(&p, int(v, "label") as usize, &mut g).unwrap();
    assert_eq!(g, words(v, "g"));
}

fn check_sgd(v: &Value) {
    let params = SgdParams {
        mu: int(v, "MU").try_into().unwrap(),
        lr_mantissa: int(v, "LRM").try_into().unwrap(),
        lr_shift: int(v, "KLR").try_into().unwrap(),
        lw: int(v, "LW").try_into().unwrap(),
        f_w: int(v, "f_w") as i32,
        f_d: int(v, "f_d") as i32,
    };
    let (w, m, d) = (words(v, "w"), words(v, "v"), words(v, "d"));
    let (r1, r2) = (random_words(v, "r1"), random_words(v, "r2"));
    let next: Vec<_> = (0..w.len())
        .map(|i| update(w[i], m[i], d[i], &params, r1[i], r2[i]))
        .collect();
    let want: Vec<_> = words(v, "w_next")
        .into_iter()
        .zip(words(v, "v_next"))
        .collect();
    assert_eq!(next, want);
}

/// Planes of the input, each with its rows and columns, and the pooled planes in the same order.
fn check_pool(v: &Value) {
    let (x, shape) = (words(&v["x"], "q"), ints::<usize>(&v["x"]["shape"]));
    let (y, g) = (words(&v["y"], "q"), words(&v["g"], "q"));
    let (index, dx) = (ints::<u8>(&v["index"]), words(&v["dx"], "q"));
    let (height, width) = (shape[2], shape[3]);
    let mut back = vec![0; x.len()];
    let mut out = 0;
    for plane in 0..shape[0] * shape[1] {
        for row in 0..height / 2 {
            for column in 0..width / 2 {
                let first = (plane * height + 2 * row) * width + 2 * column;
                let at = [first, first + 1, first + width, first + width + 1];
                assert_eq!(max4(at.map(|i| x[i])), (y[out], index[out]), "window {out}");
                for (i, value) in at.into_iter().zip(route4(g[out], index[out])) {
                    back[i] = value;
                }
                out += 1;
            }
        }
    }
    assert_eq!((out, out), (y.len(), index.len()));
    assert_eq!(back, dx);
}

fn check(v: &Value) -> bool {
    match v["op"].as_str().unwrap() {
        "r_shift" => {
            let r16 = int(v, "r16").try_into().unwrap();
            assert_eq!(r_shift(int(v, "x"), int(v, "s") as u32, r16), int(v, "y"));
        }
        "requant" => {
            let y = requant(int(v, "x"), int(v, "s") as u32);
            assert_eq!(i64::from(y), int(v, "y"));
        }
        "align" => {
            let y = align(int(v, "q") as i32, int(v, "f") as i32, int(v, "F") as i32);
            assert_eq!(y.unwrap(), int(v, "y"));
        }
        "random" => {
            let (i, key) = (int(v, "i") as u32, int(v, "key") as u32);
            assert_eq!(i64::from(hash16(i, key)), int(v, "y"));
            assert_eq!(i64::from(next_key(key)), int(v, "next_key"));
        }
        "exponent" => check_exponent(v),
        "softmax_ce" => check_softmax(v),
        "sgd" => check_sgd(v),
        "max_pool" => check_pool(v),
        other => {
            assert!(ELSEWHERE.contains(&other), "unknown kind {other}");
            return false;
        }
    }
    true
}

#[test]
fn sample_vectors() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/sample.jsonl");
    let text = std::fs::read_to_string(path).expect(path);
    let mut checked = 0;
    for (number, line) in text.lines().enumerate() {
        let v: Value = serde_json::from_str(line).unwrap();
        println!("line {}: {}", number + 1, v["op"]);
        checked += usize::from(check(&v));
    }
    // Two of each of eight kinds: a file that lost lines must not pass.
    assert_eq!(checked, 16);
}
