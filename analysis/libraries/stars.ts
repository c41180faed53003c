/** Which names `from library import *` plausibly brings, for the libraries that novices import that way. */

type Row = readonly [module: RegExp, resolve: (name: string, module: string) => string | undefined];

const CLASS = /^[A-Z]\w*[a-z0-9]\w*$|^[A-Z]{2,}$/;

function classes(target?: string): (name: string, module: string) => string | undefined {
  return (name, module) => (CLASS.test(name) ? `${target ?? module}.${name}` : undefined);
}

function listed(target: string, names: string): (name: string) => string | undefined {
  const known = new Set(names.split(' '));
  return (name) => (known.has(name) ? `${target}.${name}` : undefined);
}

const KERAS_FUNCTIONS =
  'load_model save_model clone_model model_from_json to_categorical plot_model load_img img_to_array array_to_img image_dataset_from_directory get_file normalize l1 l2 l1_l2';

const FASTAI =
  'vision_learner cnn_learner unet_learner text_classifier_learner language_model_learner tabular_learner collab_learner load_learner create_cnn Learner ImageDataLoaders TextDataLoaders TabularDataLoaders SegmentationDataLoaders CollabDataLoaders DataBlock DataLoaders DataLoader ImageBlock CategoryBlock MultiCategoryBlock TextBlock Callback EarlyStoppingCallback SaveModelCallback MixedPrecision accuracy error_rate get_image_files untar_data URLs Resize aug_transforms Interpretation ClassificationInterpretation RandomSplitter GradientAccumulation ReduceLROnPlateau TabularPandas';

export const STAR_EXPORTS: readonly Row[] = [
  [
    /^keras\.models$/,
    listed('keras.models', 'Sequential Model load_model save_model clone_model model_from_json'),
  ],
  [/^keras\.(?:layers|callbacks|optimizers|losses|metrics|applications)(?:\.[a-z_]\w*)*$/, classes()],
  [
    /^keras\.applications(?:\.[a-z_]\w*)*$/,
    listed('keras.applications', 'preprocess_input decode_predictions'),
  ],
  [
    /^keras(?:\.utils|\.preprocessing(?:\.\w+)*)?$/,
    (name, module) => (KERAS_FUNCTIONS.split(' ').includes(name) ? `${module}.${name}` : undefined),
  ],
  [
    /^keras$/,
    listed(
      'keras',
      'Sequential Model Input layers models callbacks optimizers losses metrics applications utils datasets preprocessing regularizers backend',
    ),
  ],
  [/^tensorflow$/, listed('tensorflow', 'keras data function constant Variable GradientTape reduce_mean')],
  [
    /^torch$/,
    listed(
      'torch',
      'nn optim tensor Tensor cuda no_grad from_numpy zeros ones rand randn cat stack save load device manual_seed optim',
    ),
  ],
  [/^torch\.nn$/, classes('torch.nn')],
  [/^torch\.nn$/, listed('torch.nn', 'functional init utils')],
  [/^torch\.optim$/, classes('torch.optim')],
  [
    /^torch\.utils\.data$/,
    listed(
      'torch.utils.data',
      'DataLoader Dataset TensorDataset IterableDataset ConcatDataset Subset random_split Sampler SubsetRandomSampler WeightedRandomSampler RandomSampler SequentialSampler DistributedSampler',
    ),
  ],
  [/^torchvision$/, listed('torchvision', 'models transforms datasets utils ops io')],
  [
    /^torchvision\.models$/,
    (name) =>
      /^[a-z]+\w*\d\w*$|^(?:alexnet|googlenet)$/.test(name) ? `torchvision.models.${name}` : undefined,
  ],
  [/^torchvision\.transforms$/, classes('torchvision.transforms')],
  [/^transformers$/, classes('transformers')],
  [/^transformers$/, listed('transformers', 'pipeline set_seed get_linear_schedule_with_warmup')],
  [/^fastai(?:\.|$)/, listed('fastai', FASTAI)],
  [
    /^fastai(?:\.|$)/,
    (name) =>
      /^(?:resnet|densenet|vgg|xresnet|squeezenet|efficientnet_)\w*\d\w*$|^alexnet$/.test(name)
        ? `torchvision.models.${name}`
        : undefined,
  ],
  [/^sklearn\.(?!datasets|utils)[a-z_]+$/, classes()],
  [
    /^sklearn\.model_selection$/,
    listed('sklearn.model_selection', 'train_test_split cross_val_score cross_val_predict cross_validate'),
  ],
  [/^(?:xgboost|lightgbm|catboost)$/, classes()],
  [
    /^pandas$/,
    listed(
      'pandas',
      'DataFrame Series read_csv read_excel read_json read_parquet concat merge get_dummies to_datetime',
    ),
  ],
  [
    /^(?:numpy|matplotlib\.pylab)$/,
    listed(
      'numpy',
      'array zeros ones arange linspace append concatenate vstack hstack random mean std argmax argmin exp log sqrt newaxis where reshape',
    ),
  ],
];
