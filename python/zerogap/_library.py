"""libzerogap.so: finding it, its structures and functions as zerogap.h declares them, its errors.

Nothing here knows what a number means; tests/python/declarations compares every line with the header.
"""
import ctypes
import os
import pathlib
import sysconfig
from ctypes import (CFUNCTYPE, POINTER, c_bool, c_char, c_char_p, c_double, c_int, c_long, c_size_t,
                    c_uint32, c_void_p)

SONAME = "libzerogap.so.0"

# ---- errors --------------------------------------------------------------------------------------


class Error(Exception):
    """What went wrong, in the library's own sentence."""


class BadInputError(Error, ValueError):
    """Arguments, data or files that cannot be right; nothing was done."""


class FileError(Error, OSError):
    """The operating system refused to read or write."""


class OutOfMemoryError(Error, MemoryError):
    """An allocation failed."""


class UnsupportedError(Error, NotImplementedError):
    """This method cannot treat this problem; the message names one that can."""


class MissingError(Error):
    """A program, package or data set that would be needed is not there."""


class FailedError(Error, RuntimeError):
    """The method broke down, or its result is wrong; the message says how."""


class TimeLimitError(Error, TimeoutError):
    """The time limit ended it before anything was measured."""


class StoppedError(Error):
    """The callback ended it before anything was measured."""


class InfeasibleError(Error):
    """No network does what was asked: targets are out of reach."""


STATUSES = ["OK", "BAD_INPUT", "IO", "NO_MEMORY", "UNSUPPORTED", "MISSING", "FAILED", "TIMEOUT",
            "STOPPED", "INFEASIBLE"]
ERRORS = [None, BadInputError, FileError, OutOfMemoryError, UnsupportedError, MissingError,
          FailedError, TimeLimitError, StoppedError, InfeasibleError]
OK, TIMEOUT, STOPPED, FAILED = 0, 7, 8, 6

# ---- enumerations, in the header's order ---------------------------------------------------------

TASKS = ["regression", "binary", "multiclass", "auto"]
DECISIONS = ["failed", "certified", "uncertified", "wrong"]
SOURCES = ["zero", "residual", "dual", "tight", "tree"]

# ---- structures ----------------------------------------------------------------------------------


class ErrorText(ctypes.Structure):
    _fields_ = [("status", c_int), ("message", c_char * 1024)]


class Activation(ctypes.Structure):
    _fields_ = [("a", c_double), ("b", c_double), ("c", c_double)]


class Loss(ctypes.Structure):
    _fields_ = [("kind", c_int), ("delta", c_double)]


class Architecture(ctypes.Structure):
    _fields_ = [("kind", c_int), ("height", c_size_t), ("width", c_size_t), ("channels", c_size_t),
                ("filter", c_size_t * 2), ("stride", c_size_t * 2), ("pool", c_int),
                ("pool_size", c_size_t * 2)]


class NeuronSet(ctypes.Structure):
    _fields_ = [("kind", c_int), ("bits", ctypes.c_uint)]


class ModelOptions(ctypes.Structure):
    _fields_ = [("activation", Activation), ("architecture", Architecture), ("loss", Loss),
                ("task", c_int), ("beta", c_double), ("standardize", c_bool), ("bias", c_bool),
                ("robust", c_double), ("neuron_set", NeuronSet), ("rows", c_int),
                ("halfspaces", c_bool)]


class Certificate(ctypes.Structure):
    _fields_ = [("objective", c_double), ("bound", c_double), ("gap", c_double), ("source", c_int),
                ("rounding", c_double)]


class Sized(ctypes.Structure):
    """A structure that grows: its first member is its size."""

    def __init__(self, **members):
        super().__init__(size=ctypes.sizeof(self), **members)


class ProblemOptions(Sized):
    _fields_ = [("size", c_size_t), ("weights", POINTER(c_double)), ("class_weights", c_char_p),
                ("standardize_target", c_bool)]


class Progress(ctypes.Structure):
    _fields_ = [("unit", c_char_p), ("number", c_long), ("seconds", c_double),
                ("objective", c_double), ("bound", c_double), ("gap", c_double),
                ("certification_seconds", c_double)]


ProgressFunction = CFUNCTYPE(None, c_void_p, POINTER(Progress), POINTER(c_bool))


class TrainOptions(Sized):
    _fields_ = [("size", c_size_t), ("method", c_char_p), ("settings", POINTER(c_char_p)),
                ("setting_count", c_size_t), ("tolerance", c_double), ("seconds", c_double),
                ("threads", c_int), ("jobs", c_size_t), ("progress", ProgressFunction),
                ("context", c_void_p), ("progress_seconds", c_double)]


class Result(Sized):
    _fields_ = [("size", c_size_t), ("certificate", Certificate), ("decision", c_int),
                ("tolerance", c_double), ("loss", c_double), ("penalty", c_double),
                ("miss", c_double), ("seconds", c_double), ("processor_seconds", c_double),
                ("certification_seconds", c_double), ("iterations", c_long), ("unit", c_char * 16),
                ("neuron_bound", c_size_t), ("method", c_char * 64), ("cause", c_char * 32),
                ("reason", c_char * 320), ("remark", c_char * 512)]


class PathPoint(ctypes.Structure):
    _fields_ = [("beta", c_double), ("objective", c_double), ("loss", c_double),
                ("penalty", c_double), ("bound", c_double), ("gap", c_double),
                ("neurons", c_size_t), ("score", c_double), ("error", c_double),
                ("worst_gap", c_double), ("uncertified", c_size_t), ("wrong", c_size_t)]


class PathOptions(Sized):
    _fields_ = [("size", c_size_t), ("folds", c_size_t), ("seed", c_uint32),
                ("one_standard_error", c_bool), ("ratio", c_double)]


class ClaimEnds(Sized):
    _fields_ = [("size", c_size_t), ("lower", c_double), ("upper", c_double), ("gap", c_double),
                ("lost", c_double), ("data_file", c_char * 1024)]


class NetworkParts(Sized):
    _fields_ = [("size", c_size_t), ("activation", Activation), ("architecture", Architecture),
                ("task", c_int), ("bias", c_bool), ("inputs", c_size_t), ("outputs", c_size_t),
                ("neurons", c_size_t), ("width", c_size_t), ("group", POINTER(c_size_t)),
                ("u", POINTER(c_double)), ("alpha", POINTER(c_double)), ("mean", POINTER(c_double)),
                ("scale", POINTER(c_double)), ("target_mean", POINTER(c_double)),
                ("target_scale", POINTER(c_double)), ("input_names", POINTER(c_char_p)),
                ("labels", c_size_t), ("label_values", POINTER(c_double)),
                ("label_texts", POINTER(c_char_p)), ("targets", c_size_t),
                ("target_names", POINTER(c_char_p)), ("loss", Loss), ("beta", c_double),
                ("objective", c_double), ("bound", c_double), ("gap", c_double),
                ("method", c_char_p), ("samples", c_size_t), ("dual", POINTER(c_double)),
                ("halfspaces", c_size_t), ("directions", POINTER(c_double))]


# ---- functions: what they return, and what they take; ErrorText comes last where a status returns 

DATASET, PROBLEM, NETWORK = c_void_p, c_void_p, c_void_p
DOUBLES, HANDLE, STATUS, FAILURE = POINTER(c_double), POINTER(c_void_p), c_int, POINTER(ErrorText)
FUNCTIONS = {
    "zg_version": (c_char_p, []),
    "zg_status_message": (c_char_p, [STATUS]),
    "zg_activation_parse": (STATUS, [c_char_p, POINTER(Activation), FAILURE]),
    "zg_loss_parse": (STATUS, [c_char_p, POINTER(Loss), FAILURE]),
    "zg_row_kind_parse": (STATUS, [c_char_p, POINTER(c_int), FAILURE]),
    "zg_neuron_set_parse": (STATUS, [c_char_p, POINTER(NeuronSet), FAILURE]),
    "zg_loss_format": (None, [Loss, c_char_p, c_size_t]),
    "zg_architecture_parse": (STATUS, [c_char_p, c_size_t, POINTER(Architecture), FAILURE]),
    "zg_architecture_format": (None, [POINTER(Architecture), c_char_p, c_size_t]),
    "zg_dataset_borrow": (STATUS, [c_size_t, c_size_t, DOUBLES, c_size_t, DOUBLES, HANDLE,
                                   FAILURE]),
    "zg_dataset_set_names": (STATUS, [DATASET, POINTER(c_char_p), POINTER(c_char_p), FAILURE]),
    "zg_dataset_set_labels": (STATUS, [DATASET, c_size_t, POINTER(c_char_p), FAILURE]),
    "zg_dataset_free": (None, [DATASET]),
    "zg_problem_create_with": (STATUS, [DATASET, POINTER(ModelOptions), POINTER(ProblemOptions),
                                        HANDLE, FAILURE]),
    "zg_problem_for_network": (STATUS, [DATASET, NETWORK, c_char_p, c_double,
                                        POINTER(ProblemOptions), HANDLE, FAILURE]),
    "zg_problem_outputs": (c_size_t, [PROBLEM]),
    "zg_problem_beta_max": (STATUS, [PROBLEM, DOUBLES, FAILURE]),
    "zg_problem_free": (None, [PROBLEM]),
    "zg_train_with": (STATUS, [PROBLEM, POINTER(TrainOptions), HANDLE, POINTER(Result), FAILURE]),
    "zg_train_path": (STATUS, [DATASET, POINTER(ModelOptions), POINTER(ProblemOptions),
                               POINTER(TrainOptions), POINTER(PathOptions), c_size_t, DOUBLES,
                               POINTER(PathPoint), POINTER(c_size_t), FAILURE]),
    "zg_certify": (STATUS, [PROBLEM, NETWORK, POINTER(Certificate), FAILURE]),
    "zg_certify_tight": (STATUS, [PROBLEM, NETWORK, POINTER(TrainOptions), POINTER(Certificate),
                                  FAILURE]),
    "zg_certificate_decide": (c_int, [POINTER(Certificate), c_double]),
    "zg_certificate_save": (STATUS, [c_char_p, PROBLEM, DATASET, NETWORK, c_char_p, c_char_p,
                                     POINTER(ClaimEnds), FAILURE]),
    "zg_network_load": (STATUS, [c_char_p, HANDLE, FAILURE]),
    "zg_network_save": (STATUS, [NETWORK, c_char_p, FAILURE]),
    "zg_network_free": (None, [NETWORK]),
    "zg_network_predict": (STATUS, [NETWORK, c_size_t, DOUBLES, DOUBLES, FAILURE]),
    "zg_network_classify": (STATUS, [NETWORK, c_size_t, DOUBLES, POINTER(c_size_t), FAILURE]),
    "zg_network_describe": (None, [NETWORK, POINTER(NetworkParts)]),
    "zg_network_form": (STATUS, [NETWORK, c_size_t, c_bool, DOUBLES, DOUBLES, DOUBLES, FAILURE]),
    "zg_network_from_neurons": (STATUS, [PROBLEM, c_size_t, POINTER(c_size_t), DOUBLES, DOUBLES,
                                         HANDLE, FAILURE]),
    "zg_network_from_weights": (STATUS, [PROBLEM, c_size_t, DOUBLES, DOUBLES, DOUBLES, DOUBLES,
                                         DOUBLES, HANDLE, FAILURE]),
}


def _candidates():
    """Paths to try: ZEROGAP_LIBRARY alone, else beside this package (a prefix), the build folder of
    the source tree that it lies in, and wherever the system looks."""
    given = os.environ.get("ZEROGAP_LIBRARY")
    if given:
        return [given]
    here = pathlib.Path(__file__).resolve().parent
    folders = []
    for folder in here.parents:
        if folder.name in ("lib", "lib64"):
            prefix = folder.parent
            folders.append(folder)
            if prefix.name == "local":  # where Debian's Python puts modules of a prefix
                folders.append(prefix.parent / "lib")
        if folder.name == "python":
            folders.append(folder.parent / "build")
    multiarch = sysconfig.get_config_var("MULTIARCH") or "*"
    found = [path for folder in folders
             for path in [folder / SONAME, *sorted(folder.glob(multiarch + "/" + SONAME))]]
    return [str(path) for path in found if path.exists()] + [SONAME]


def _load():
    reasons = []
    for path in _candidates():
        try:
            return ctypes.CDLL(path), path
        except OSError as error:
            reasons.append(str(error))
    raise ImportError("libzerogap was not found (%s); install it, or let ZEROGAP_LIBRARY be the "
                      "path of %s" % ("; ".join(reasons), SONAME))


def _declare(library):
    for name, (result, arguments) in FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError("%s is older than this module: it has no %s" % (PATH, name)) from None
        function.restype, function.argtypes = result, arguments


LIBRARY, PATH = _load()
_declare(LIBRARY)


def version():
    """Version of the library that is loaded."""
    return LIBRARY.zg_version().decode()


def failure(status, text):
    """The exception for a status and a zg_error."""
    message = text.message.decode(errors="replace") or LIBRARY.zg_status_message(status).decode()
    kind = ERRORS[status] if 0 < status < len(ERRORS) else FailedError
    return kind(message)


def call(name, *arguments):
    """Calls a function that returns a status; its sentence becomes an exception."""
    text = ErrorText()
    status = getattr(LIBRARY, name)(*arguments, ctypes.byref(text))
    if status != OK:
        raise failure(status, text)


def make(name, *arguments):
    """Calls a function that makes something; returns its handle."""
    handle = c_void_p()
    call(name, *arguments, ctypes.byref(handle))
    return handle


def texts(words):
    """An array of texts for the library, or None."""
    if words is None:
        return None
    return (c_char_p * len(words))(*[encode(word) for word in words])


def encode(text):
    """A text for the library: UTF-8, without a NUL, which would cut it off."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise TypeError("expected a text, found %r" % (text,))
    if "\0" in text:
        raise BadInputError("a text holds the character NUL: %r" % (text,))
    return text.encode("utf-8", "surrogateescape")
