/** Which rules, fixes and claims were changed by what was measured: the evidence page lists them. */
import type { Text } from '../../rules/rule.ts';

export const CHANGED: readonly { readonly rule: string; readonly text: Text }[] = [
  {
    rule: 'always-on-dropout',
    text: {
      en: 'Two runs told opposite things of its time: it is about wrong answers, and no saving of time is claimed.',
      fr: 'Deux exécutions ont dit le contraire sur son temps : la règle porte sur des réponses fausses, et n’annonce aucun gain de temps.',
    },
  },
  {
    rule: 'array-growth-in-loop',
    text: {
      en: 'Nothing is gained at 100 windows, 0.03 × the processor time is left at 8,000: the page shows where it turns.',
      fr: 'Aucun gain à 100 fenêtres, 0,03 × le temps processeur à 8 000 : la page montre où cela bascule.',
    },
  },
  {
    rule: 'deep-model-on-tabular',
    text: {
      en: 'The fix adds a score of gradient boosting: a cost, not a saving, until the reader drops the network. The page says so.',
      fr: 'La correction ajoute un score de gradient boosting : un coût, pas un gain, tant que le lecteur n’abandonne pas le réseau. La page le dit.',
    },
  },
  {
    rule: 'eager-attention',
    text: {
      en: 'On a CPU nothing is gained below texts of some hundred words, and `output_attentions=True` does nothing under the default attention of transformers 5. The page says both.',
      fr: 'Sur CPU, aucun gain sous quelques centaines de mots, et `output_attentions=True` ne fait rien sous l’attention par défaut de transformers 5. La page dit les deux.',
    },
  },
  {
    rule: 'exhaustive-search',
    text: {
      en: 'Successive halving saves nothing where each fit is short, and cost a quarter more in one of two runs: the page says so.',
      fr: 'L’élimination successive n’économise rien quand chaque entraînement est court, et a coûté un quart de plus dans une exécution sur deux : la page le dit.',
    },
  },
  {
    rule: 'full-precision-training',
    text: {
      en: 'Mixed precision slows training down on a CPU without 16-bit units, so training on a CPU is left alone. `bf16=True` stops the Trainer where no GPU is found: the fix writes `bf16=torch.cuda.is_available()` in programs that ask.',
      fr: 'La précision mixte ralentit l’entraînement sur un CPU sans unités 16 bits : l’entraînement sur CPU est laissé en paix. `bf16=True` arrête le Trainer quand il n’y a pas de GPU : la correction écrit `bf16=torch.cuda.is_available()` dans les programmes qui le demandent.',
    },
  },
  {
    rule: 'gradients-zeroed-not-freed',
    text: {
      en: 'The rule claimed time; what it saves is memory, and only beside large layers. Its measure is memory now.',
      fr: 'La règle annonçait du temps ; ce qu’elle économise est de la mémoire, et seulement avec de grandes couches. Sa mesure est la mémoire désormais.',
    },
  },
  {
    rule: 'idle-models-resident',
    text: {
      en: 'Keeping one model in place of all costs processor time where requests ask for them in turn, and saves little where one is never asked for: transformers maps weights into memory, and what is not read takes none. The page shows both.',
      fr: 'Garder un modèle au lieu de tous coûte du temps processeur quand les requêtes les demandent tour à tour, et économise peu quand l’un n’est jamais demandé : transformers projette les poids en mémoire, et ce qui n’est pas lu n’en prend pas. La page montre les deux.',
    },
  },
  {
    rule: 'native-format-deployment',
    text: {
      en: '`torch.compile` costs more than 400 requests give back on a CPU, while ONNX Runtime answers in half the processor time: the page says so, and names compiling for services of many requests alone.',
      fr: '`torch.compile` coûte plus que 400 requêtes ne rendent sur CPU, quand ONNX Runtime répond en moitié moins de temps processeur : la page le dit, et ne propose de compiler que pour de nombreuses requêtes.',
    },
  },
  {
    rule: 'single-process-loading',
    text: {
      en: 'Workers made loading small pictures slower on two cores without an accelerator, and large ones faster only where the machine was idle: the page says so.',
      fr: 'Sans accélérateur, sur deux cœurs, les processus de chargement ont ralenti les petites images et n’accélèrent les grandes que sur une machine au repos : la page le dit.',
    },
  },
  {
    rule: 'training-graph-exported',
    text: {
      en: 'TensorFlow’s `remove_training_nodes` cuts a graph whose values go through `check_numerics`: no fix is offered there any more.',
      fr: '`remove_training_nodes` de TensorFlow coupe un graphe dont les valeurs passent par `check_numerics` : plus de correction dans ce cas.',
    },
  },
  {
    rule: 'unoptimized-conversion',
    text: {
      en: 'Checked against its sources, Torch-TensorRT no longer heeds `enabled_precisions` for plain models (since April 2026): the fix asks for autocast.',
      fr: 'D’après ses sources, Torch-TensorRT n’écoute plus `enabled_precisions` pour les modèles ordinaires (depuis avril 2026) : la correction demande autocast.',
    },
  },
  {
    rule: 'unprefetched-pipeline',
    text: {
      en: 'TensorFlow 2.21 runs maps without state in parallel and adds a last prefetch by itself: writing these by hand gained nothing, and the band went from medium to low. What it leaves as it is, such as random maps, gains, as measured.',
      fr: 'TensorFlow 2.21 exécute les `map` sans état en parallèle et ajoute un dernier prefetch de lui-même : les écrire à la main n’a rien rapporté, et l’ampleur passe de moyenne à faible. Ce qu’il laisse tel quel, comme les `map` aléatoires, y gagne, mesure à l’appui.',
    },
  },
  {
    rule: 'unquantized-deployment',
    text: {
      en: 'int8 gained little in narrow encoders or made them slower: those under 30 million parameters are left alone on a CPU.',
      fr: 'int8 a peu apporté aux encodeurs étroits, ou les a ralentis : ceux de moins de 30 millions de paramètres sont laissés en paix sur CPU.',
    },
  },
  {
    rule: 'unstreamed-dataset',
    text: {
      en: 'Streaming halves the bytes on disk and takes more processor time and memory for the first rows of a local file: the page shows both.',
      fr: 'Le streaming divise par deux les octets sur disque et prend plus de temps processeur et de mémoire pour les premières lignes d’un fichier local : la page montre les deux.',
    },
  },
];
