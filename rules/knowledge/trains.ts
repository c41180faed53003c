/** What trains a model: calls that run a whole training, and the marks of a training loop written by hand. */
import { namesOf, tableOf } from './table.ts';

export interface Training {
  /** Canonical call name. */
  readonly name: string;
  readonly framework: string;
  /** Deep learning; else boosting or a classical estimator, whose training is short enough to need no tracker. */
  readonly deep: boolean;
  /** Where the number of rounds stands: on the call, or on the named type whose object is passed to or receives it. */
  readonly rounds: {
    readonly on: 'call' | 'receiver' | 'arguments';
    readonly names: readonly string[];
    readonly position?: number;
    /** What the library does when it is left out; null: no limit. */
    readonly default: number | null;
    readonly unit: 'epochs' | 'boosting rounds' | 'iterations' | 'steps';
  } | null;
}

const keras = (name: string): Training => ({
  name,
  framework: 'keras',
  deep: true,
  rounds: { on: 'call', names: ['epochs', 'nb_epoch'], position: 3, default: 1, unit: 'epochs' },
});

const onCall = (
  name: string,
  framework: string,
  names: readonly string[],
  position: number | undefined,
  rounds: number | null,
  deep = true,
): Training => ({
  name,
  framework,
  deep,
  rounds: {
    on: 'call',
    names,
    ...(position === undefined ? {} : { position }),
    default: rounds,
    unit: 'epochs',
  },
});

const onReceiver = (
  name: string,
  framework: string,
  names: readonly string[],
  rounds: number,
  unit: 'epochs' | 'boosting rounds' | 'iterations',
  deep: boolean,
): Training => ({ name, framework, deep, rounds: { on: 'receiver', names, default: rounds, unit } });

const unknown = (name: string, framework: string): Training => ({
  name,
  framework,
  deep: true,
  rounds: null,
});

export const TRAININGS: readonly Training[] = [
  keras('keras.Model.fit'),
  {
    ...keras('keras.Model.fit_generator'),
    rounds: { on: 'call', names: ['epochs'], position: 2, default: 1, unit: 'epochs' },
  },
  unknown('keras_tuner.Tuner.search', 'keras'),
  {
    name: 'lightning.Trainer.fit',
    framework: 'lightning',
    deep: true,
    rounds: { on: 'receiver', names: ['max_epochs'], default: 1000, unit: 'epochs' },
  },
  {
    name: 'transformers.Trainer.train',
    framework: 'transformers',
    deep: true,
    rounds: { on: 'arguments', names: ['num_train_epochs'], default: 3, unit: 'epochs' },
  },
  unknown('transformers.Trainer.hyperparameter_search', 'transformers'),
  onCall('fastai.Learner.fit', 'fastai', ['n_epoch', 'n_epochs'], 0, null),
  onCall('fastai.Learner.fit_one_cycle', 'fastai', ['n_epoch', 'cyc_len'], 0, null),
  onCall('fastai.Learner.fit_flat_cos', 'fastai', ['n_epoch'], 0, null),
  onCall('fastai.Learner.fine_tune', 'fastai', ['epochs'], 0, null),
  // Ultralytics stops early by itself: patience=100.
  onCall('ultralytics.Model.train', 'ultralytics', ['epochs'], undefined, 100),
  onCall('sentence_transformers.SentenceTransformer.fit', 'sentence_transformers', ['epochs'], undefined, 1),
  onCall('sentence_transformers.CrossEncoder.fit', 'sentence_transformers', ['epochs'], undefined, 1),
  unknown('setfit.Trainer.train', 'setfit'),
  unknown('trl.PPOTrainer.train', 'transformers'),
  unknown('trl.PPOTrainer.step', 'transformers'),
  unknown('flair.trainers.ModelTrainer.train', 'flair'),
  unknown('simpletransformers.classification.ClassificationModel.train_model', 'simpletransformers'),
  unknown('autogluon.multimodal.MultiModalPredictor.fit', 'autogluon'),
  unknown('ray.train.torch.TorchTrainer.fit', 'ray'),
  unknown('skorch.NeuralNetClassifier.fit', 'skorch'),
  unknown('skorch.NeuralNetRegressor.fit', 'skorch'),
  unknown('pytorch_tabnet.tab_model.TabNetClassifier.fit', 'tabnet'),
  unknown('pytorch_tabnet.tab_model.TabNetRegressor.fit', 'tabnet'),
  unknown('tensorflow.estimator.train_and_evaluate', 'tensorflow'),
  unknown('tensorflow.estimator.Estimator.train', 'tensorflow'),
  unknown('mmengine.runner.Runner.train', 'mmengine'),
  unknown('detectron2.engine.DefaultTrainer.train', 'detectron2'),
  onCall('tfjs.LayersModel.fit', 'tfjs', ['epochs'], undefined, 1),
  onCall('tfjs.LayersModel.fitDataset', 'tfjs', ['epochs'], undefined, 1),

  {
    name: 'xgboost.train',
    framework: 'xgboost',
    deep: false,
    rounds: { on: 'call', names: ['num_boost_round'], position: 2, default: 10, unit: 'boosting rounds' },
  },
  {
    name: 'lightgbm.train',
    framework: 'lightgbm',
    deep: false,
    rounds: { on: 'call', names: ['num_boost_round'], position: 2, default: 100, unit: 'boosting rounds' },
  },
  {
    name: 'catboost.train',
    framework: 'catboost',
    deep: false,
    rounds: { on: 'call', names: ['num_boost_round', 'iterations'], default: 1000, unit: 'boosting rounds' },
  },
  onReceiver('xgboost.XGBModel.fit', 'xgboost', ['n_estimators'], 100, 'boosting rounds', false),
  onReceiver(
    'lightgbm.LGBMModel.fit',
    'lightgbm',
    ['n_estimators', 'num_iterations'],
    100,
    'boosting rounds',
    false,
  ),
  onReceiver(
    'catboost.CatBoost.fit',
    'catboost',
    ['iterations', 'n_estimators', 'num_boost_round', 'num_trees'],
    1000,
    'boosting rounds',
    false,
  ),
  ...['MLPClassifier', 'MLPRegressor'].map((estimator) =>
    onReceiver(`sklearn.neural_network.${estimator}.fit`, 'sklearn', ['max_iter'], 200, 'epochs', false),
  ),
  ...[
    'SGDClassifier',
    'SGDRegressor',
    'Perceptron',
    'PassiveAggressiveClassifier',
    'PassiveAggressiveRegressor',
  ].map((estimator) =>
    onReceiver(`sklearn.linear_model.${estimator}.fit`, 'sklearn', ['max_iter'], 1000, 'epochs', false),
  ),
  ...['GradientBoostingClassifier', 'GradientBoostingRegressor'].map((estimator) =>
    onReceiver(
      `sklearn.ensemble.${estimator}.fit`,
      'sklearn',
      ['n_estimators'],
      100,
      'boosting rounds',
      false,
    ),
  ),
  ...['HistGradientBoostingClassifier', 'HistGradientBoostingRegressor'].map((estimator) =>
    onReceiver(`sklearn.ensemble.${estimator}.fit`, 'sklearn', ['max_iter'], 100, 'boosting rounds', false),
  ),
];

export const trainingOf = tableOf(TRAININGS);
export const TRAINING_NAMES = namesOf(TRAININGS);
export const DEEP_TRAINING_NAMES = namesOf(TRAININGS.filter((row) => row.deep));

/** A call inside a hand-written loop that computes gradients: the surest mark of training. */
export const BACKWARD_CALLS: readonly string[] = [
  'torch.Tensor.backward',
  'torch.autograd.backward',
  'accelerate.Accelerator.backward',
  'lightning.Fabric.backward',
  'lightning.LightningModule.manual_backward',
  'deepspeed.DeepSpeedEngine.backward',
  'tensorflow.GradientTape.gradient',
  'jax.grad',
  'jax.value_and_grad',
  'flax.nnx.grad',
  'flax.nnx.value_and_grad',
  'tfjs.variableGrads',
];

/** A call that changes the weights. */
export const STEP_CALLS: readonly string[] = [
  'torch.optim.Optimizer.step',
  'torch.amp.GradScaler.step',
  'keras.optimizers.Optimizer.apply_gradients',
  'keras.optimizers.Optimizer.minimize',
  'keras.Model.train_on_batch',
  'tensorflow.train.Optimizer.minimize',
  'tensorflow.train.Optimizer.apply_gradients',
  'optax.apply_updates',
  'flax.nnx.Optimizer.update',
  'tfjs.Optimizer.minimize',
  'tfjs.Optimizer.applyGradients',
];

/** Trainings with no validation metric to stop at: adversarial, reinforcement, style transfer. */
export const REINFORCEMENT_LIBRARIES: readonly string[] = [
  'gym',
  'gymnasium',
  'stable_baselines3',
  'pettingzoo',
  'tf_agents',
  'ray.rllib',
  'tianshou',
  'dm_control',
];
