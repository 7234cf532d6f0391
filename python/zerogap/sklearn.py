"""Estimators for scikit-learn: networks at their global optimum, in pipelines and searches."""
import numpy
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from ._handles import Problem, Rows
from ._library import BadInputError
from ._training import train_problem

MARGIN_LOSSES = ("hinge", "squared-hinge", "logistic")  # of targets -1 and +1

_PARAMETERS = """
    Parameters
    ----------
    beta : float, default=1.0
        Weight of the penalty, > 0: larger means simpler.
    activation : str or three floats, default="relu2"
        "relu2", "quadratic", "A,B,C" or (a, b, c) of a t^2 + b t + c.
    architecture : str, default="dense"
        As `zerogap train --architecture` takes it: "conv1d:filter=3,pool=global", say.
    loss : str, default="%s"
        As `zerogap train --loss` takes it.
    bias : bool or "auto", default="auto"
        The input 1 behind the others; "auto": of dense networks.
    standardize : bool, default=False
        Inputs by the training rows' means and standard deviations.
    solver : str, default="auto"
        A method of `zerogap list solvers` or `zerogap list baselines`.
    settings : dict, default=None
        Options of the solver.
    tolerance : float, default=1e-6
        Certified relative gap that counts as optimal.
    seconds : float, default=None
        Limit on the solver's time.
    jobs : int, default=1
        Outputs at a time, each in a process of its own.
"""

_ATTRIBUTES = """
    Attributes
    ----------
    network_ : zerogap.Network
        The network, with its objective, bound, gap and dual vector.
    certified_ : bool
        Whether it is proven to be globally optimal, up to the tolerance.
    gap_ : float
        Its certified relative gap.
    n_features_in_ : int
        Number of inputs.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the inputs, where X was a frame with names.
"""


class _PolynomialNetwork(BaseEstimator):
    """What both estimators share: weights, and the training itself."""

    def _weights(self, X, sample_weight):
        """None, where all are 1."""
        if sample_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, X, dtype=numpy.float64)
        if (weights < 0).any():
            raise BadInputError("sample_weight has negative weights")
        if not (weights > 0).any():
            raise BadInputError("all weights are 0: there is nothing to train on")
        return None if (weights == 1).all() else weights

    def _train(self, X, y, task, weights):
        """y: numbers, n or n x k.  A row of weight 0 counts for nothing: it is left out."""
        if weights is not None:
            X, y, weights = X[weights > 0], y[weights > 0], weights[weights > 0]
        names = getattr(self, "feature_names_in_", None)
        rows = Rows(X, y, input_names=None if names is None else list(names))
        bias = self.architecture == "dense" if isinstance(self.bias, str) else self.bias
        problem = Problem.create(rows, activation=self.activation, architecture=self.architecture,
                                 loss=self.loss, task=task, beta=self.beta,
                                 standardize=self.standardize, bias=bias, sample_weight=weights)
        self.network_ = train_problem(problem, solver=self.solver, settings=self.settings,
                                      tolerance=self.tolerance, seconds=self.seconds,
                                      jobs=self.jobs)
        self.certified_, self.gap_ = self.network_.certified, self.network_.gap

    def _outputs(self, X):
        check_is_fitted(self)
        return self.network_.decision_function(self._validate_data(X, reset=False))


class PolynomialNetworkRegressor(RegressorMixin, _PolynomialNetwork):
    __doc__ = """Two-layer network with a polynomial activation at its global optimum: a regression.
%s%s""" % (_PARAMETERS % "squared", _ATTRIBUTES)

    def __init__(self, beta=1.0, *, activation="relu2", architecture="dense", loss="squared",
                 bias="auto", standardize=False, solver="auto", settings=None, tolerance=1e-6,
                 seconds=None, jobs=1):
        self.beta = beta
        self.activation = activation
        self.architecture = architecture
        self.loss = loss
        self.bias = bias
        self.standardize = standardize
        self.solver = solver
        self.settings = settings
        self.tolerance = tolerance
        self.seconds = seconds
        self.jobs = jobs

    def fit(self, X, y, sample_weight=None):
        """Trains on X (n x d) and y (n, or n x k)."""
        X, y = self._validate_data(X, y, dtype=numpy.float64, multi_output=True, y_numeric=True)
        self._train(X, numpy.asarray(y, dtype=numpy.float64), "regression",
                    self._weights(X, sample_weight))
        return self

    def predict(self, X):
        """n numbers, or n x k."""
        return self._outputs(X)

    def _more_tags(self):
        return {"multioutput": True}


def _has_probabilities(estimator):
    return estimator.loss == "logistic"


class PolynomialNetworkClassifier(ClassifierMixin, _PolynomialNetwork):
    __doc__ = """Two-layer network with a polynomial activation at its global optimum: a classifier.

    Two classes are one output, +1 for the second.  More are an output each: 1 for the class and 0
    for others, or with the losses of margins (hinge, squared-hinge, logistic) +1 and -1, one
    against the rest.
%s    class_weight : dict or "balanced", default=None
        Weights of classes, times those of the samples.
%s    classes_ : ndarray
        The labels, sorted.
""" % (_PARAMETERS % "logistic", _ATTRIBUTES)

    def __init__(self, beta=1.0, *, activation="relu2", architecture="dense", loss="logistic",
                 bias="auto", standardize=False, solver="auto", settings=None, tolerance=1e-6,
                 seconds=None, jobs=1, class_weight=None):
        self.beta = beta
        self.activation = activation
        self.architecture = architecture
        self.loss = loss
        self.bias = bias
        self.standardize = standardize
        self.solver = solver
        self.settings = settings
        self.tolerance = tolerance
        self.seconds = seconds
        self.jobs = jobs
        self.class_weight = class_weight

    def fit(self, X, y, sample_weight=None):
        """Trains on X (n x d) and n labels of any kind."""
        X, y = self._validate_data(X, y, dtype=numpy.float64)
        check_classification_targets(y)
        weights = self._weights(X, sample_weight)
        kept = y if weights is None else y[weights > 0]
        self.classes_ = numpy.unique(y)
        if len(numpy.unique(kept)) != len(self.classes_):
            self.classes_ = numpy.unique(kept)  # rows of weight 0 are as if they were not there
        if len(self.classes_) < 2:
            raise BadInputError("a classifier needs two classes, the data have one class")
        if self.class_weight is not None:
            own = compute_sample_weight(self.class_weight, y)
            weights = own if weights is None else own * weights
        known = numpy.isin(y, self.classes_)
        index = numpy.searchsorted(self.classes_, y[known])
        self._train(X[known], *self._targets(index), None if weights is None else weights[known])
        return self

    def _targets(self, index):
        """Targets, and what kind of task they are."""
        if len(self.classes_) == 2:
            return index.astype(numpy.float64), "binary"
        if self.loss in MARGIN_LOSSES:
            return numpy.where(index[:, None] == numpy.arange(len(self.classes_)), 1.0, -1.0), \
                "regression"
        return index.astype(numpy.float64), "multiclass"

    def decision_function(self, X):
        """n numbers, positive for the second class; or n x classes."""
        return self._outputs(X)

    def _finite_outputs(self, X):
        f = self._outputs(X)
        bad = numpy.flatnonzero(~numpy.isfinite(f).reshape(len(f), -1).all(axis=1))
        if bad.size:
            raise BadInputError("row %d: the network's outputs are too large for double precision: it "
                                "has no class" % (bad[0] + 1))
        return f

    def predict(self, X):
        """Labels."""
        f = self._finite_outputs(X)
        return self.classes_[(f >= 0).astype(int) if f.ndim == 1 else f.argmax(axis=1)]

    @available_if(_has_probabilities)
    def predict_proba(self, X):
        """n x classes, of the logistic loss: 1 / (1 + exp(-f)), of more than two classes divided by
        their sum."""
        f = self._finite_outputs(X)
        positive = numpy.exp(-numpy.logaddexp(0.0, -f))
        if f.ndim == 1:
            return numpy.column_stack([1.0 - positive, positive])
        total = positive.sum(axis=1, keepdims=True)
        return numpy.where(total > 0, positive / numpy.where(total > 0, total, 1),
                           1.0 / f.shape[1])

    @available_if(_has_probabilities)
    def predict_log_proba(self, X):
        """Their logarithms."""
        return numpy.log(self.predict_proba(X))
