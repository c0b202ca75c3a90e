"""Storage that all nodes share: a folder, or a URL of fsspec. Files appear whole or not at all, and are never changed."""

import contextlib
import errno
import hashlib
import os
import shutil
import uuid


class StorageError(Exception):
    """A sentence that says what to do."""


class Storage:
    def __init__(self, root):
        self.root = root.rstrip("/") + "/sara-studio"
        self.fs = None
        if "://" in root:
            try:
                import fsspec
            except ImportError as error:
                raise StorageError("The storage is a URL, and fsspec is missing on the nodes: pip install fsspec.") from error
            self.fs, self.base = fsspec.core.url_to_fs(self.root)

    def path(self, name):
        return f"{self.base if self.fs else self.root}/{name}"

    def exists(self, name):
        return self.fs.exists(self.path(name)) if self.fs else os.path.exists(self.path(name))

    def read(self, name):
        """The content of a small file; None where there is none."""
        try:
            if self.fs:
                return self.fs.cat_file(self.path(name))
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, name, content):
        with self._failing(name):
            if self.fs:
                self.fs.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
                self.fs.pipe_file(self.path(name), content)
                return
            with self._whole(name) as unfinished, open(unfinished, "wb") as file:
                file.write(content)

    def put(self, local, name):
        """Copies a file into the storage."""
        with self._failing(name):
            if self.fs:
                self.fs.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
                self.fs.put_file(local, self.path(name))
                return
            with self._whole(name) as unfinished:
                shutil.copyfile(local, unfinished)

    def get(self, name, local):
        """Copies a file out of the storage."""
        if self.fs:
            self.fs.get_file(self.path(name), local)
        else:
            shutil.copyfile(self.path(name), local)

    def remove(self, name):
        try:
            if self.fs:
                self.fs.rm_file(self.path(name))
            else:
                os.remove(self.path(name))
        except FileNotFoundError:
            pass

    def free_bytes(self):
        if self.fs:
            return None
        os.makedirs(self.root, exist_ok=True)
        return shutil.disk_usage(self.root).free

    @contextlib.contextmanager
    def _whole(self, name):
        """A path to write to that takes the place of the file when all of it is on the disk, and else leaves nothing."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        unfinished = f"{self.path(name)}.{uuid.uuid4().hex}.tmp"
        try:
            yield unfinished
            with open(unfinished, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(unfinished, self.path(name))
        except BaseException:
            with contextlib.suppress(OSError):
                os.remove(unfinished)
            raise

    def _failing(self, name):
        return _Failing(self.path(name))


class _Failing:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        if not isinstance(error, OSError):
            return False
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(f"There is no space left in the storage to write {self.path}: free some, then start again.") from error
        raise StorageError(f"The storage cannot be written ({error}): check that every node sees {self.path} and may write there.") from error


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
