"""zerogap: two-layer polynomial-activation networks at their global optimum, with proofs.

    >>> import numpy, zerogap
    >>> X = numpy.array([[-1.0, 2], [0, 1], [1, 1], [2, -1]])
    >>> network = zerogap.train(X, X[:, 0] * X[:, 1], beta=0.1)
    >>> network.certified
    True

See docs/python.md.  zerogap.sklearn has estimators, zerogap.torch and zerogap.onnx take weights in
and out, zerogap.log reads logs of runs, zerogap.plots draws them.
"""
from ._library import (BadInputError, Error, FailedError, FileError, InfeasibleError, MissingError,
                       OutOfMemoryError, StoppedError, TimeLimitError, UnsupportedError, version)
from ._network import Form, Network, load
from ._path import Path, path
from ._training import (Certificate, NotCertifiedWarning, Progress, Proof, SlowKernelsWarning,
                        Training, certify, train, verify)

for _name in list(globals()):  # tracebacks name what users write
    if isinstance(globals()[_name], type) and globals()[_name].__module__.startswith("zerogap._"):
        globals()[_name].__module__ = "zerogap"

__version__ = version()
__all__ = [
    "BadInputError", "Certificate", "Error", "FailedError", "FileError", "Form", "InfeasibleError",
    "MissingError", "Network", "NotCertifiedWarning", "OutOfMemoryError", "Path", "Progress", "Proof",
    "SlowKernelsWarning", "StoppedError", "TimeLimitError", "Training", "UnsupportedError",
    "certify", "load", "path", "train", "verify", "version"]
