"""Files of npm packages for tests that let others' programs judge: npm.file()."""
import hashlib
import io
import os
import tarfile
import tempfile
import urllib.request


class Missing(Exception):
    """Why there is no file: the test is skipped."""


def file(variable, address, digest, member):
    """The text of a file: the one that the environment's variable names, or the member of the package
    at the address, which is fetched once into ZEROGAP_DATA and must have the SHA-256 digest."""
    path = os.environ.get(variable)
    if path:
        with open(path, encoding="utf-8") as given:
            return given.read()
    kept = os.path.join(os.environ.get("ZEROGAP_DATA", tempfile.gettempdir()), os.path.basename(address))
    if not os.path.exists(kept):
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                archive = answer.read()
            os.makedirs(os.path.dirname(kept), exist_ok=True)
            with open(kept + ".part", "wb") as part:
                part.write(archive)
            os.replace(kept + ".part", kept)
        except OSError as error:
            raise Missing(f"{os.path.basename(address)} cannot be fetched ({error}); {variable} may name "
                          f"its {member}") from None
    with open(kept, "rb") as whole:
        archive = whole.read()
    if hashlib.sha256(archive).hexdigest() != digest:
        raise Missing(f"{kept} is not what its digest says: remove it")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return files.extractfile(member).read().decode()
