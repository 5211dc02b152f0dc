//! Who may open a device's files, and the udev rule that lets a user.

use super::Finding;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const WHAT: &str = "access";
/// Where groups are listed.
const GROUPS: &str = "/etc/group";

/// Whether this user may open a device file to read and write.
pub fn access(path: &Path) -> Finding {
    let opened = File::options().read(true).write(true).open(path);
    let place = path.display();
    let error = match opened {
        Ok(_) => return Finding::good(WHAT, format!("{place} may be read and written")),
        Err(error) => error,
    };
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            let remedy = "is the board connected and its driver loaded? `dmesg` tells; expected /dev/ttyUSBn, /dev/uioN or a PCI function's resourceN";
            Finding::bad(WHAT, format!("{place} is not there"), remedy)
        }
        std::io::ErrorKind::PermissionDenied => {
            Finding::bad(WHAT, format!("{place}: {}", owner(path)), rule(path))
        }
        _ => Finding::bad(
            WHAT,
            format!("{place}: {error}"),
            "end whatever else uses it; look at `dmesg`",
        ),
    }
}

/// Whose the file is.
fn owner(path: &Path) -> String {
    let Ok(data) = path.metadata() else {
        return "a folder above it is closed to this user".into();
    };
    let groups = std::fs::read_to_string(GROUPS).unwrap_or_default();
    let group = group(&groups, data.gid()).unwrap_or_else(|| data.gid().to_string());
    format!(
        "mode {:03o}, user {}, group {group}; this user is not allowed",
        data.mode() & 0o777,
        data.uid()
    )
}

/// Name of a group in the text of /etc/group.
fn group(groups: &str, id: u32) -> Option<String> {
    let mut lines = groups.lines().map(|line| line.split(':'));
    lines.find_map(|mut parts| {
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(id)).then(|| name.to_string())
    })
}

/// What lets a user open a file of that name.
pub fn rule(path: &Path) -> String {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let text = path.to_string_lossy();
    let of = |match_: &str, more: &str| {
        format!(
            "write this line to /etc/udev/rules.d/60-tandem.rules, then run `sudo udevadm control --reload && sudo udevadm trigger`, \
             and `sudo usermod -aG tandem $USER` after `sudo groupadd -f tandem` (log in again):\n{match_}, {more}"
        )
    };
    let open = r#"GROUP="tandem", MODE="0660""#;
    if name.starts_with("uio") {
        of(r#"SUBSYSTEM=="uio""#, open)
    } else if name.starts_with("udmabuf") {
        let sync = r#"RUN+="/bin/sh -c 'chgrp tandem /sys/class/u-dma-buf/%k/sync_* && chmod g+w /sys/class/u-dma-buf/%k/sync_*'""#;
        of(r#"SUBSYSTEM=="u-dma-buf""#, &format!("{open}, {sync}"))
    } else if name.starts_with("resource") {
        let function = path
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        let function = function.unwrap_or("0000:01:00.0");
        of(
            &format!(r#"ACTION=="add", SUBSYSTEM=="pci", KERNEL=="{function}""#),
            r#"RUN+="/bin/sh -c 'chgrp tandem /sys%p/resource? && chmod g+rw /sys%p/resource?'""#,
        )
    } else if text.starts_with("/dev/tty") {
        "run `sudo usermod -aG dialout $USER` (log in again), or write to /etc/udev/rules.d/60-tandem.rules:\nSUBSYSTEM==\"tty\", ATTRS{idVendor}==\"0403\", GROUP=\"dialout\", MODE=\"0660\"".into()
    } else if text == "/dev/mem" {
        "run as root: /dev/mem is nobody else's; better give the memory a UIO map of its own (constraints/axi/tandem.dtsi)".into()
    } else {
        "let this user read and write the file: chown or chmod".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_file_has_its_rule() {
        for (path, word) in [
            ("/dev/uio3", "SUBSYSTEM==\"uio\""),
            ("/dev/udmabuf0", "sync_*"),
            (
                "/sys/bus/pci/devices/0000:03:00.0/resource2",
                "KERNEL==\"0000:03:00.0\"",
            ),
            ("/dev/ttyUSB1", "dialout"),
            ("/dev/mem", "root"),
            ("/srv/engine", "chmod"),
        ] {
            assert!(rule(Path::new(path)).contains(word), "{path}");
        }
    }

    #[test]
    fn groups_are_found_by_number() {
        let text = "root:x:0:\ndialout:x:20:me\nbad line\nuucp:x:200:";
        assert_eq!(group(text, 20).as_deref(), Some("dialout"));
        assert_eq!(group(text, 2), None);
    }

    #[test]
    fn a_file_that_is_not_there_is_said_to_be_so() {
        let found = access(Path::new("/dev/no-such-engine"));
        assert_eq!(found.outcome, super::super::Outcome::Bad);
        assert!(found.found.contains("not there"), "{}", found.found);
    }
}
