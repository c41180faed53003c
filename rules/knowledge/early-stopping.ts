/** What stops a training that no longer improves, per framework: as an object to pass, or an argument. */
import { namesOf, tableOf } from './table.ts';

/** A callback: building it is not enough, it must reach the training. */
export interface EarlyStoppingCallback {
  readonly name: string;
  readonly framework: string;
  /** What the library waits when `patience` is left out. */
  readonly patience: {
    readonly names: readonly string[];
    readonly position: number;
    readonly default: number | null;
  };
  /** The argument that brings the best weights back, where it is not automatic. */
  readonly restores: string | null;
}

export const EARLY_STOPPING_CALLBACKS: readonly EarlyStoppingCallback[] = [
  {
    name: 'keras.callbacks.EarlyStopping',
    framework: 'keras',
    patience: { names: ['patience'], position: 2, default: 0 },
    restores: 'restore_best_weights',
  },
  {
    name: 'lightning.callbacks.EarlyStopping',
    framework: 'lightning',
    patience: { names: ['patience'], position: 2, default: 3 },
    restores: null,
  },
  {
    name: 'transformers.EarlyStoppingCallback',
    framework: 'transformers',
    patience: { names: ['early_stopping_patience'], position: 0, default: 1 },
    restores: null,
  },
  {
    name: 'fastai.EarlyStoppingCallback',
    framework: 'fastai',
    patience: { names: ['patience'], position: 3, default: 1 },
    restores: null,
  },
  {
    name: 'xgboost.callback.EarlyStopping',
    framework: 'xgboost',
    patience: { names: ['rounds'], position: 0, default: null },
    restores: 'save_best',
  },
  {
    name: 'lightgbm.early_stopping',
    framework: 'lightgbm',
    patience: { names: ['stopping_rounds'], position: 0, default: null },
    restores: null,
  },
  {
    name: 'skorch.callbacks.EarlyStopping',
    framework: 'skorch',
    patience: { names: ['patience'], position: 1, default: 5 },
    restores: 'load_best',
  },
  {
    name: 'ignite.handlers.EarlyStopping',
    framework: 'ignite',
    patience: { names: ['patience'], position: 0, default: null },
    restores: null,
  },
  {
    name: 'tfjs.callbacks.earlyStopping',
    framework: 'tfjs',
    patience: { names: ['patience'], position: 0, default: 0 },
    restores: null,
  },
];

export const earlyStoppingCallbackOf = tableOf(EARLY_STOPPING_CALLBACKS);
export const EARLY_STOPPING_CALLBACK_NAMES = namesOf(EARLY_STOPPING_CALLBACKS);

/** An argument that turns early stopping on, and the calls or constructors that take it. */
export interface EarlyStoppingArgument {
  readonly framework: string;
  readonly on: readonly string[];
  readonly argument: string;
  /** Passing it is not enough: it must not be one of these. */
  readonly offValues: readonly (string | number | boolean | null)[];
  /** The library stops early when the argument is left out. */
  readonly onByDefault: boolean;
}

export const EARLY_STOPPING_ARGUMENTS: readonly EarlyStoppingArgument[] = [
  {
    framework: 'xgboost',
    on: ['xgboost.train', 'xgboost.cv', 'xgboost.XGBModel', 'xgboost.XGBModel.fit'],
    argument: 'early_stopping_rounds',
    offValues: [null, 0],
    onByDefault: false,
  },
  {
    framework: 'lightgbm',
    on: ['lightgbm.train', 'lightgbm.cv', 'lightgbm.LGBMModel.fit', 'lightgbm.LGBMModel'],
    argument: 'early_stopping_rounds',
    offValues: [null, 0],
    onByDefault: false,
  },
  {
    framework: 'catboost',
    on: ['catboost.CatBoost', 'catboost.CatBoost.fit', 'catboost.train'],
    argument: 'early_stopping_rounds',
    offValues: [null, 0],
    onByDefault: false,
  },
  {
    framework: 'catboost',
    on: ['catboost.CatBoost'],
    argument: 'od_wait',
    offValues: [null, 0],
    onByDefault: false,
  },
  {
    framework: 'catboost',
    on: ['catboost.CatBoost'],
    argument: 'od_pval',
    offValues: [null, 0],
    onByDefault: false,
  },
  {
    framework: 'sklearn',
    on: [
      'sklearn.neural_network.MLPClassifier',
      'sklearn.neural_network.MLPRegressor',
      'sklearn.linear_model.SGDClassifier',
      'sklearn.linear_model.SGDRegressor',
      'sklearn.linear_model.Perceptron',
      'sklearn.linear_model.PassiveAggressiveClassifier',
      'sklearn.linear_model.PassiveAggressiveRegressor',
    ],
    argument: 'early_stopping',
    offValues: [false],
    onByDefault: false,
  },
  {
    framework: 'sklearn',
    on: ['sklearn.ensemble.GradientBoostingClassifier', 'sklearn.ensemble.GradientBoostingRegressor'],
    argument: 'n_iter_no_change',
    offValues: [null],
    onByDefault: false,
  },
  {
    // 'auto': on above 10,000 samples.
    framework: 'sklearn',
    on: ['sklearn.ensemble.HistGradientBoostingClassifier', 'sklearn.ensemble.HistGradientBoostingRegressor'],
    argument: 'early_stopping',
    offValues: [false],
    onByDefault: true,
  },
  {
    framework: 'ultralytics',
    on: ['ultralytics.Model.train'],
    argument: 'patience',
    offValues: [0],
    onByDefault: true,
  },
  {
    framework: 'tabnet',
    on: ['pytorch_tabnet.tab_model.TabNetClassifier.fit', 'pytorch_tabnet.tab_model.TabNetRegressor.fit'],
    argument: 'patience',
    offValues: [0],
    onByDefault: true,
  },
];

/** Callbacks with a `patience` of their own that stop nothing. */
export const NOT_EARLY_STOPPING: readonly string[] = [
  'keras.callbacks.ReduceLROnPlateau',
  'torch.optim.lr_scheduler.ReduceLROnPlateau',
];
