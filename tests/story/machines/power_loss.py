"""What a power loss may leave of a folder whose programs ran with forgetful_disk.cpp loaded.

POSIX promises the bytes of a file that was synced, and the names in a directory that was synced; of everything else
any part may be there or not. So each file has its promised bytes or its last ones, each directory its promised names
or its last ones, as a generator of random numbers decides; what was never promised may be an empty file. In half of
the losses nothing survives but promises.

This is stricter than ext4, where syncing a new file also keeps its name. It does not tear single writes: the tests
of the store and of SQLite do that.
"""
import ctypes
import os
import pathlib
import shutil
import stat
import struct

LIBC = ctypes.CDLL(None, use_errno=True)


class ForgetfulDisk:
    def __init__(self, library, folder, promises):
        self.library, self.folder, self.promises = library, pathlib.Path(folder), pathlib.Path(promises)
        self.folder.mkdir()
        self.promises.mkdir()

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "FORGETFUL_DISK": str(self.folder),
                "FORGETFUL_DISK_PROMISES": str(self.promises)}

    def add(self, name):
        """A machine's own folder, which is there before its programs are."""
        (self.folder / name).mkdir()
        self._promise_everything()
        return self.folder / name

    def lose_power(self, random):
        """The programs have been killed. Returns how many files and directories are not as they were."""
        strict = random.random() < 0.5
        loss = Loss(self, (lambda: False) if strict else (lambda: random.random() < 0.5))
        found = self.folder.with_suffix(".found")
        loss.restore(found)
        shutil.rmtree(self.folder)
        found.rename(self.folder)
        self._promise_everything()
        return loss.changes

    def everything(self):
        return [self.folder, *sorted(self.folder.rglob("*"))]

    def names_file(self, key):
        return self.promises / (key + ".names")

    def _promise_everything(self):
        shutil.rmtree(self.promises)
        self.promises.mkdir()
        for path in self.everything():
            if path.is_dir() and not path.is_symlink():
                names = self.names_file(key_of(path))
                names.write_bytes(b"".join(field.encode() + b"\0" for entry in entries_of(path) for field in entry))
                shutil.copymode(path, names)
            elif not path.is_symlink():
                shutil.copy(path, self.promises / key_of(path))


class Loss:
    def __init__(self, disk, survives):
        self.disk, self.survives, self.changes = disk, survives, 0
        self.last = {key_of(path): path for path in disk.everything()}

    def restore(self, to):
        self._directory(key_of(self.disk.folder), to)

    def _directory(self, key, to):
        promised, last = self.disk.names_file(key), self.last.get(key)
        kept = entries_in(promised.read_bytes()) if promised.exists() else set()
        now = entries_of(last) if last else kept
        there = now if now == kept or self.survives() else kept
        self.changes += there != now
        to.mkdir()
        for inode, kind, name, target in sorted(there):
            if kind == "l":
                (to / name).symlink_to(target)
            elif kind == "d":
                self._directory(inode, to / name)
            else:
                self._file(inode, to / name)
        to.chmod(mode_of(last, promised, 0o700))

    def _file(self, key, to):
        promised, last = self.disk.promises / key, self.last.get(key)
        kept = promised.read_bytes() if promised.exists() else b""
        now = last.read_bytes() if last else kept
        there = now if now == kept or self.survives() else kept
        self.changes += there != now
        to.write_bytes(there)
        to.chmod(mode_of(last, promised, 0o600))


def entries_of(directory):
    """(key, kind, name, target of the link) of each."""
    found = set()
    for path in directory.iterdir():
        kind = "l" if path.is_symlink() else "d" if path.is_dir() else "f"
        found.add((key_of(path), kind, path.name, os.readlink(path) if kind == "l" else ""))
    return found


def entries_in(names):
    """The same, as forgetful_disk.cpp writes it."""
    fields = names.decode().split("\0")[:-1]
    return set(zip(*[iter(fields)] * 4))


def mode_of(last, promised, otherwise):
    for path in (last, promised):
        if path and path.exists():
            return stat.S_IMODE(path.stat().st_mode)
    return otherwise


def key_of(path):
    """The inode's number and birth. Python's os.stat does not tell the birth; the numbers are those of statx(2)."""
    at_working_directory, no_symlinks, inode_and_birth = -100, 0x100, 0x100 | 0x800
    facts = ctypes.create_string_buffer(256)
    if LIBC.statx(at_working_directory, os.fsencode(path), no_symlinks, inode_and_birth, facts) != 0:
        raise OSError(ctypes.get_errno(), "statx", str(path))
    inode, = struct.unpack_from("=Q", facts, 32)
    seconds, nanoseconds = struct.unpack_from("=qI", facts, 80)
    return f"{inode}-{seconds}-{nanoseconds}"
