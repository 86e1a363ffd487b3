"""The types a skops archive may name. Anything else is refused before anything is loaded."""

from __future__ import annotations

from typing import Final


def _types(module: str, names: str) -> set[str]:
    return {f"{module}.{name}" for name in names.split()}


ESTIMATORS: Final = frozenset(
    _types(
        "sklearn.ensemble._forest",
        "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor",
    )
    | _types("sklearn.ensemble._gb", "GradientBoostingClassifier GradientBoostingRegressor")
    | _types(
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting",
        "HistGradientBoostingClassifier HistGradientBoostingRegressor",
    )
    | _types("sklearn.ensemble._bagging", "BaggingClassifier BaggingRegressor")
    | _types("sklearn.ensemble._weight_boosting", "AdaBoostClassifier AdaBoostRegressor")
    | _types("sklearn.ensemble._voting", "VotingClassifier VotingRegressor")
    | _types("sklearn.ensemble._stacking", "StackingClassifier StackingRegressor")
    | _types(
        "sklearn.tree._classes",
        "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor",
    )
    | _types("sklearn.linear_model._base", "LinearRegression")
    | _types("sklearn.linear_model._ridge", "Ridge RidgeCV RidgeClassifier RidgeClassifierCV")
    | _types("sklearn.linear_model._coordinate_descent", "Lasso LassoCV ElasticNet ElasticNetCV")
    | _types("sklearn.linear_model._least_angle", "Lars LarsCV LassoLars LassoLarsCV LassoLarsIC")
    | _types("sklearn.linear_model._omp", "OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV")
    | _types("sklearn.linear_model._bayes", "BayesianRidge ARDRegression")
    | _types("sklearn.linear_model._huber", "HuberRegressor")
    | _types("sklearn.linear_model._theil_sen", "TheilSenRegressor")
    | _types("sklearn.linear_model._quantile", "QuantileRegressor")
    | _types("sklearn.linear_model._glm.glm", "PoissonRegressor GammaRegressor TweedieRegressor")
    | _types("sklearn.linear_model._logistic", "LogisticRegression LogisticRegressionCV")
    | _types("sklearn.linear_model._stochastic_gradient", "SGDClassifier SGDRegressor")
    | _types("sklearn.linear_model._perceptron", "Perceptron")
    | _types("sklearn.linear_model._passive_aggressive", "PassiveAggressiveClassifier PassiveAggressiveRegressor")
    | _types("sklearn.neural_network._multilayer_perceptron", "MLPClassifier MLPRegressor")
    | _types("sklearn.svm._classes", "SVC SVR NuSVC NuSVR LinearSVC LinearSVR")
    | _types("sklearn.naive_bayes", "GaussianNB BernoulliNB MultinomialNB ComplementNB")
    | _types("sklearn.neighbors._classification", "KNeighborsClassifier")
    | _types("sklearn.neighbors._regression", "KNeighborsRegressor")
    | _types("sklearn.discriminant_analysis", "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis")
    | _types("sklearn.calibration", "CalibratedClassifierCV")
    | _types("sklearn.dummy", "DummyClassifier DummyRegressor")
    | _types("sklearn.kernel_ridge", "KernelRidge")
    | _types("sklearn.isotonic", "IsotonicRegression")
    | _types("sklearn.pipeline", "Pipeline")
)

TRANSFORMERS: Final = frozenset(
    _types(
        "sklearn.preprocessing._data",
        "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler QuantileTransformer PowerTransformer "
        "Normalizer Binarizer",
    )
    | _types("sklearn.preprocessing._polynomial", "PolynomialFeatures SplineTransformer")
    | _types("sklearn.preprocessing._discretization", "KBinsDiscretizer")
    | _types("sklearn.preprocessing._encoders", "OneHotEncoder OrdinalEncoder")
    | _types("sklearn.preprocessing._label", "LabelBinarizer LabelEncoder")
    | _types("sklearn.impute._base", "SimpleImputer MissingIndicator")
    | _types("sklearn.compose._column_transformer", "ColumnTransformer")
    | _types("sklearn.compose._target", "TransformedTargetRegressor")
    | _types("sklearn.pipeline", "FeatureUnion")
    | _types("sklearn.decomposition._pca", "PCA")
    | _types("sklearn.feature_selection._variance_threshold", "VarianceThreshold")
    | _types("sklearn.feature_selection._univariate_selection", "SelectKBest SelectPercentile")
    | _types("sklearn.feature_selection._from_model", "SelectFromModel")
)

_PARTS: Final = frozenset(
    _types("sklearn.tree._tree", "Tree")
    | _types("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor")
    | _types("sklearn.ensemble._hist_gradient_boosting.binning", "_BinMapper")
    | _types("sklearn._loss.link", "IdentityLink Interval LogLink LogitLink HalfLogitLink MultinomialLogit")
    | _types(
        "sklearn._loss.loss",
        "HalfBinomialLoss HalfMultinomialLoss HalfSquaredError HalfPoissonLoss HalfGammaLoss HalfTweedieLoss "
        "HalfTweedieLossIdentity AbsoluteError PinballLoss HuberLoss ExponentialLoss",
    )
    | _types(
        "sklearn._loss._loss",
        "CyHalfBinomialLoss CyHalfMultinomialLoss CyHalfSquaredError CyHalfPoissonLoss CyHalfGammaLoss "
        "CyHalfTweedieLoss CyHalfTweedieLossIdentity CyAbsoluteError CyPinballLoss CyHuberLoss "
        "CyExponentialLoss",
    )
    | _types(
        "sklearn.linear_model._sgd_fast",
        "Hinge SquaredHinge Log ModifiedHuber SquaredLoss Huber EpsilonInsensitive SquaredEpsilonInsensitive",
    )
    | _types("sklearn.neural_network._stochastic_optimizers", "AdamOptimizer SGDOptimizer")
    | _types("sklearn.calibration", "_CalibratedClassifier _SigmoidCalibration")
    | _types("sklearn.utils._bunch", "Bunch")
)

_DATA: Final = frozenset(
    _types("builtins", "dict list tuple set slice str int float bool complex NoneType")
    | _types("collections", "OrderedDict")
    | _types(
        "numpy",
        "ndarray dtype bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 str_",
    )
    | _types("numpy.random.mtrand", "RandomState")
    | _types("numpy.random._generator", "Generator")
)

ALLOWED: Final = ESTIMATORS | TRANSFORMERS | _PARTS | _DATA

# Each kind of node may only rebuild what it is meant for. No node that calls a function named by the file
# (partial,
# method, operator, function, reduce with its own constructor) is here.
_NUMPY: Final = frozenset(name for name in _DATA if name.startswith("numpy."))
_LOSSES: Final = frozenset(name for name in _PARTS if "._loss._loss." in name or "._sgd_fast." in name)
BY_LOADER: Final[dict[str, frozenset[str]]] = {
    "DictNode": frozenset({"builtins.dict", "collections.OrderedDict", "sklearn.utils._bunch.Bunch"}),
    "ListNode": frozenset({"builtins.list"}),
    "TupleNode": frozenset({"builtins.tuple"}),
    "SetNode": frozenset({"builtins.set"}),
    "SliceNode": frozenset({"builtins.slice"}),
    "JsonNode": frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.NoneType"}),
    "TypeNode": _NUMPY | frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.bool"}),
    "ObjectNode": ESTIMATORS | TRANSFORMERS | (_PARTS - _LOSSES - {"sklearn.tree._tree.Tree"}),
    "NdArrayNode": _NUMPY,
    "DTypeNode": frozenset({"numpy.dtype"}),
    "RandomStateNode": frozenset({"numpy.random.mtrand.RandomState"}),
    "RandomGeneratorNode": frozenset({"numpy.random._generator.Generator"}),
    "TreeNode": frozenset({"sklearn.tree._tree.Tree"}),
    "LossNode": _LOSSES,
    "CachedNode": ALLOWED,
}
