//! File systems that are another machine's: their locks may not reach whoever opens the folder over there, and what they
//! call synced may be in that machine's memory.

use std::path::Path;

/// By the number that the kernel gives them, and the name under which people know them.
const BY_NUMBER: &[(u64, &str)] = &[
    (0x6969, "nfs"),
    (0x517b, "smb"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb2"),
    (0x0102_1997, "9p"),
    (0x5346_414f, "afs"),
    (0x6b41_4653, "afs"),
    (0x7375_7245, "coda"),
    (0x00c3_6400, "ceph"),
    (0x0bd0_0bd0, "lustre"),
    (0x4750_4653, "gpfs"),
    (0x7461_636f, "ocfs2"),
    (0x0116_1970, "gfs2"),
    (0x2003_0528, "orangefs"),
    (0x1983_0326, "fhgfs"),
    (0x013e_11f4, "gfs"),
    (0x564c, "ncp"),
    (0x786f_4256, "vboxsf"),
    (0xbacb_acbc, "vmhgfs"),
];

/// File systems of programs (FUSE) bear one number; the table of mounts says which program.
const FUSE: u64 = 0x6573_5546;
const BY_NAME: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "gpfs",
    "ocfs2",
    "gfs2",
    "orangefs",
    "beegfs",
    "virtiofs",
    "vboxsf",
    "vmhgfs",
    "sshfs",
    "glusterfs",
    "rclone",
    "s3fs",
    "goofys",
    "davfs",
    "davfs2",
    "curlftpfs",
    "ceph-fuse",
    "juicefs",
    "mfs",
    "moosefs",
    "vmhgfs-fuse",
    "gcsfuse",
    "blobfuse",
    "smbnetfs",
    "google-drive-ocamlfuse",
    "onedriver",
    "hdfs",
    "seaweedfs",
    "cvmfs2",
    "prl_fs",
    "drvfs",
];

/// The kind, where the folder is on one.
pub fn kind_of(folder: &Path) -> Option<String> {
    let number = rustix::fs::statfs(folder).ok().map(|found| u64::from(found.f_type as u32));
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let real = std::fs::canonicalize(folder).ok()?;
    kind(number?, mounted_as(&mounts, &real).as_deref())
}

fn kind(number: u64, name: Option<&str>) -> Option<String> {
    if let Some((_, kind)) = BY_NUMBER.iter().find(|(known, _)| *known == number) {
        return Some((*kind).to_owned());
    }
    let name = name?;
    let program = if number == FUSE { name.strip_prefix("fuse.").unwrap_or(name) } else { name };
    BY_NAME.contains(&program).then(|| name.to_owned())
}

/// The file system's name of the mount that the path lies on: the deepest one above it, and of two in one place the later.
fn mounted_as(mounts: &str, path: &Path) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for line in mounts.lines() {
        let Some((before, behind)) = line.split_once(" - ") else { continue };
        let Some(place) = before.split(' ').nth(4).map(unescaped) else { continue };
        let depth = Path::new(&place).components().count();
        if path.starts_with(&place) && best.as_ref().is_none_or(|(deepest, _)| depth >= *deepest) {
            best = Some((depth, behind.split(' ').next().unwrap_or_default().to_owned()));
        }
    }
    best.map(|(_, name)| name)
}

/// Spaces and the like stand as `\040` in the table.
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:40 / /srv/bureau\\040files rw - nfs4 server:/files rw
31 22 0:41 / /mnt/li/far rw - fuse.sshfs li@far:/ rw
32 22 0:42 / /mnt/li/stick rw - fuseblk /dev/sdb1 rw
33 30 0:43 / /srv/bureau\\040files/own rw - ext4 /dev/sdc1 rw
";

    #[test]
    fn network_file_systems_are_known_by_number_or_name_and_disks_of_ones_own_are_not() {
        let cases = [
            ("/data", 0xef53, None),
            ("/srv/bureau files/x", 0x6969, Some("nfs")),
            ("/srv/bureau files/own/x", 0xef53, None),
            ("/mnt/li/far/x", FUSE, Some("fuse.sshfs")),
            ("/mnt/li/stick/x", FUSE, None),
            ("/data", 0xff53_4d42, Some("cifs")),
            ("/data", 0x0102_1994, None),
        ];
        for (path, number, expected) in cases {
            let name = mounted_as(MOUNTS, Path::new(path));
            assert_eq!(kind(number, name.as_deref()).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_folder_here_is_on_a_disk_of_ones_own() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(kind_of(folder.path()), None);
    }
}
