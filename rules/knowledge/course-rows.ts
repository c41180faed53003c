/**
 * Every row of the course “Écoconception et IA” that asks something of a project, and what of Frugal covers it: rules,
 * questions of the checklist, or a part of the product. docs/course.md is made of it. `text` is the course's wording.
 */
import type { Text } from '../rule.ts';

/** Every rule id of the catalogue, written already or not: a row may point to one that is still to come. */
export const CATALOGUE: readonly string[] = `
oversized-model llm-for-simple-task training-from-scratch deep-model-on-tabular unprompted-ai-call no-eco-criterion
unselected-columns text-format-storage row-iteration array-growth-in-loop undeduplicated-data unprefetched-pipeline
single-process-loading unstreamed-dataset double-precision-data select-star
training-without-tracker training-without-early-stopping exhaustive-search full-precision-training full-fine-tuning
validation-with-gradients graph-kept-alive host-sync-in-loop tensor-built-on-cpu tensor-copied-from-numpy
bias-before-batchnorm static-padding hoarded-checkpoints gradients-zeroed-not-freed data-parallel debug-mode-left-on
forced-determinism eager-training-step model-rebuilt-in-loop unresumable-training peak-hour-schedule
unfinalized-pruning unfused-layers always-on-dropout debug-ops-in-forward unused-layer layer-built-in-forward
redundant-softmax disabled-kv-cache eager-attention
inference-without-eval inference-with-gradients unquantized-deployment native-format-deployment unoptimized-conversion
training-graph-exported model-loaded-per-request one-by-one-inference uncached-inference uncapped-llm-output
growing-llm-context uncached-llm-prompt llm-call-in-loop unbounded-agent unbounded-retries high-carbon-region
oversized-instance always-on-endpoint leaked-tensors unconverted-tfjs-model slow-tfjs-backend full-precision-js-model
unthrottled-inference bulk-upload-for-inference
published-without-model-card unmonitored-serving unconditional-retraining polled-inference idle-models-resident`
  .trim()
  .split(/\s+/);

/** Parts of the product that answer a row by themselves. */
export const FEATURES = {
  emissions: {
    en: '`frugal emissions`: what trackers measured, per run and per epoch',
    fr: '`frugal emissions` : ce que les traceurs ont mesuré, par exécution et par époque',
  },
  estimate: {
    en: '`frugal estimate` and the hover on a model, a call, a region',
    fr: '`frugal estimate` et le survol d’un modèle, d’un appel, d’une région',
  },
  score: { en: 'the eco-score', fr: 'l’éco-score' },
  pages: {
    en: 'the page of each rule, and `frugal report`',
    fr: 'la page de chaque règle, et `frugal report`',
  },
} as const satisfies Readonly<Record<string, Text>>;

export interface CourseRow {
  /** The course's words, as written there. */
  readonly text: string;
  readonly rules?: readonly string[];
  readonly questions?: readonly string[];
  readonly features?: readonly (keyof typeof FEATURES)[];
}

export interface CourseSection {
  readonly id: string;
  readonly title: Text;
  readonly rows: readonly CourseRow[];
}

const row = (
  text: string,
  rules: string,
  questions = '',
  features: readonly (keyof typeof FEATURES)[] = [],
): CourseRow => ({
  text,
  rules: rules.split(' ').filter(Boolean),
  questions: questions.split(' ').filter(Boolean),
  features,
});

export const COURSE: readonly CourseSection[] = [
  {
    id: 'gradation',
    title: { en: 'From the simplest solution to the most intelligent', fr: 'Gradation des solutions' },
    rows: [
      row('Règles métier ou logique déterministe', 'llm-for-simple-task', 'simpler-solution'),
      row('Algorithmes classiques', 'deep-model-on-tabular llm-for-simple-task', 'simpler-solution'),
      row("Modèles d'apprentissage légers", 'deep-model-on-tabular oversized-model', 'simpler-solution'),
      row('IA avancée (deep learning, LLM)', 'oversized-model llm-for-simple-task', 'need'),
    ],
  },
  {
    id: 'use',
    title: { en: 'Sobriety of use', fr: 'Sobriété par l’usage' },
    rows: [
      row(
        'Éviter les fonctionnalités IA « gadgets » déclenchées par défaut',
        'unprompted-ai-call',
        'user-control need',
      ),
      row(
        "Donner à l'utilisateur le contrôle explicite de l'activation de l'IA",
        'unprompted-ai-call',
        'user-control',
      ),
      row(
        'Ne pas multiplier les suggestions ou reformulations automatiques inutiles',
        'unprompted-ai-call llm-for-simple-task',
        'call-frequency',
      ),
      row(
        'Désactivation automatique des modèles peu utilisés',
        'always-on-endpoint idle-models-resident',
        'unused-models',
      ),
      row('Mise en cache des résultats fréquents', 'uncached-inference uncached-llm-prompt'),
      row(
        "Seuils de déclenchement (ex. : appel IA seulement si l'incertitude dépasse un seuil)",
        'llm-for-simple-task',
        'call-frequency',
      ),
      row(
        'Réduction de la longueur des entrées/sorties (prompts, tokens générés)',
        'uncapped-llm-output growing-llm-context uncached-llm-prompt',
        '',
        ['estimate'],
      ),
    ],
  },
  {
    id: 'sustainability',
    title: { en: 'Responsible and sustainable AI', fr: 'IA responsable et soutenable' },
    rows: [
      row('Transparence et explicabilité', 'published-without-model-card', 'model-card documented-choices'),
      row(
        'Sobriété des données',
        'unselected-columns unstreamed-dataset undeduplicated-data',
        'data-sobriety',
      ),
      row('Équité et accessibilité', '', 'bias-audit representative-data edge'),
      row('Éthique et gouvernance', '', 'lifetime green-hosting project-reviews'),
    ],
  },
  {
    id: 'levers',
    title: { en: 'What to do when, by which lever', fr: 'Quand faire quoi, avec quels leviers' },
    rows: [
      row("Ai-je besoin d'IA ?", 'llm-for-simple-task unprompted-ai-call', 'need simpler-solution'),
      row("Quel niveau d'intelligence ?", 'oversized-model deep-model-on-tabular', 'granularity'),
      row(
        'Ai-je trop de données ?',
        'unselected-columns unstreamed-dataset undeduplicated-data',
        'data-sobriety',
      ),
      row('Coût acceptable ?', 'training-from-scratch training-without-early-stopping', 'trade-off', [
        'emissions',
      ]),
      row('Modèle surdimensionné ?', 'oversized-model unfinalized-pruning'),
      row(
        'Coût par requête trop élevé ?',
        'unquantized-deployment native-format-deployment training-graph-exported',
        '',
        ['estimate'],
      ),
      row(
        "Trop d'appels inutiles ?",
        'uncached-inference unprompted-ai-call polled-inference',
        'call-frequency',
      ),
    ],
  },
  {
    id: 'frugal-ai',
    title: { en: 'Levers towards frugal AI', fr: 'Leviers pour une IA frugale' },
    rows: [
      row(
        'Optimiser la taille et la complexité des modèles',
        'oversized-model unfinalized-pruning unquantized-deployment unused-layer',
      ),
      row(
        "Déplacer l'intelligence vers la périphérie",
        'bulk-upload-for-inference unconverted-tfjs-model full-precision-js-model',
        'edge',
      ),
      row(
        'Choisir un matériel et un environnement sobres',
        'oversized-instance high-carbon-region',
        'frugal-hardware green-hosting',
      ),
      row(
        'Mesurer et piloter la consommation',
        'training-without-tracker unmonitored-serving',
        'recorded-energy',
        ['emissions'],
      ),
    ],
  },
  {
    id: 'developers',
    title: { en: 'Recommendations to developers', fr: 'Recommandations aux développeurs' },
    rows: [
      row(
        'Ne pas entraîner un modèle si cela ne se justifie pas.',
        'training-from-scratch unconditional-retraining',
        'need reuse',
      ),
      row('Tester des modèles plus petits avant de passer au "big model".', 'oversized-model', 'granularity'),
      row(
        'Suivre en temps réel la consommation énergétique.',
        'training-without-tracker',
        'recorded-energy',
        ['emissions'],
      ),
      row('Évaluer la performance par rapport au coût énergétique.', 'no-eco-criterion', 'trade-off', [
        'score',
      ]),
      row(
        'Privilégier les architectures simples et localement pertinentes.',
        'oversized-model deep-model-on-tabular',
        'granularity',
      ),
      row(
        'Utiliser des données justes et utiles, pas massives.',
        'unselected-columns unstreamed-dataset undeduplicated-data',
        'data-sobriety',
      ),
      row(
        "Réduire la taille et le nombre d'itérations d'apprentissage.",
        'training-without-early-stopping exhaustive-search full-fine-tuning',
        'experiment-plan',
      ),
      row('Déployer sur des serveurs ou clouds verts.', 'high-carbon-region', 'green-hosting'),
      row("Surveiller l'impact en production.", 'unmonitored-serving', 'usage-metrics'),
      row(
        'Documenter, expliquer et partager les bonnes pratiques.',
        'published-without-model-card',
        'documented-method',
        ['pages'],
      ),
    ],
  },
  {
    id: 'analysis',
    title: { en: 'Checklist: analysis', fr: 'Checklist : phase d’analyse' },
    rows: [
      row("Le recours à l'IA est-il réellement justifié ?", 'llm-for-simple-task', 'need'),
      row(
        'Peut-on atteindre le même objectif avec un algorithme plus simple ou des règles métier ?',
        'llm-for-simple-task deep-model-on-tabular',
        'simpler-solution',
      ),
      row('Identifier précisément la tâche automatisée (classification, détection, ...).', '', 'task'),
      row(
        'Éviter les modèles "généralistes" surdimensionnés pour un cas d\'usage restreint.',
        'oversized-model llm-for-simple-task',
        'granularity',
      ),
      row(
        "Évaluer la fréquence d'usage, le volume de données, le matériel nécessaire.",
        'oversized-instance',
        'frequency-of-use',
        ['estimate'],
      ),
      row("Considérer l'impact énergétique, la durée de vie du modèle et son usage social.", '', 'lifetime'),
      row(
        'Inclure un critère de sobriété énergétique ou de coût carbone dans les KPI du projet.',
        'no-eco-criterion',
        'eco-objective',
        ['score'],
      ),
      row('Arbitrer entre performance et efficacité environnementale.', 'no-eco-criterion', 'trade-off'),
    ],
  },
  {
    id: 'design',
    title: { en: 'Checklist: design of the model', fr: 'Checklist : conception du modèle' },
    rows: [
      row('Utiliser des modèles pré-entraînés, des datasets existants.', 'training-from-scratch', 'reuse'),
      row(
        'Privilégier le transfer learning ou la fine-tuning ciblée.',
        'training-from-scratch full-fine-tuning',
      ),
      row('Choisir une architecture adaptée au problème (pas de modèle "géant" inutile).', 'oversized-model'),
      row(
        "Optimiser les modèles d'IA pour réduire les calculs.",
        'full-precision-training bias-before-batchnorm eager-training-step disabled-kv-cache eager-attention',
      ),
      row(
        'Échantillonnage intelligent des données.',
        'unstreamed-dataset unselected-columns',
        'data-sobriety',
      ),
      row("Réduction du nombre d'époques d'entraînement.", 'training-without-early-stopping'),
      row(
        "Suivi des métriques d'énergie (via CodeCarbon, CarbonTracker...).",
        'training-without-tracker',
        'recorded-energy',
        ['emissions'],
      ),
      row(
        'Préférer les GPU/NPU sobres ou le calcul sur cloud vert.',
        'oversized-instance high-carbon-region',
        'frugal-hardware',
      ),
      row(
        'Localiser le datacenter dans une région à faible intensité carbone.',
        'high-carbon-region',
        'green-hosting',
        ['estimate'],
      ),
      row(
        'Développer des modèles pouvant être mis à jour sans réentraîner complètement le système.',
        'unresumable-training full-fine-tuning',
        'modularity',
      ),
      row("Documenter les choix d'architecture et les dépendances.", '', 'documented-choices'),
    ],
  },
  {
    id: 'training',
    title: { en: 'Checklist: training', fr: 'Checklist : phase d’entraînement' },
    rows: [
      row(
        'Estimer et consigner la consommation électrique de chaque expérimentation.',
        'training-without-tracker',
        'recorded-energy',
        ['emissions'],
      ),
      row('Suivre la métrique kWh/epoch ou gCO', 'training-without-tracker', '', ['emissions']),
      row(
        'Planifier une stratégie expérimentale (design of experiments).',
        'exhaustive-search',
        'experiment-plan',
      ),
      row("Arrêter l'entraînement dès la convergence (early stopping).", 'training-without-early-stopping'),
      row('Utiliser des plateformes de calcul partagées.', '', 'shared-platform'),
      row(
        'Planifier les entraînements en heures creuses pour limiter la charge réseau/électrique.',
        'peak-hour-schedule',
        'off-peak',
      ),
      row('Compresser, normaliser et indexer les jeux de données.', 'text-format-storage', 'data-format'),
      row(
        "Nettoyer les doublons ou données non pertinentes avant l'apprentissage.",
        'undeduplicated-data unselected-columns',
        'data-sobriety',
      ),
    ],
  },
  {
    id: 'deployment',
    title: { en: 'Checklist: deployment', fr: 'Checklist : phase de déploiement' },
    rows: [
      row(
        "Convertir le modèle pour l'inférence (TensorRT, ONNX, TFLite...).",
        'native-format-deployment unoptimized-conversion',
      ),
      row(
        'Supprimer les couches ou paramètres inutiles.',
        'unfinalized-pruning unused-layer training-graph-exported',
      ),
      row(
        "Ajuster la fréquence d'appel des modèles.",
        'unthrottled-inference polled-inference unprompted-ai-call',
        'call-frequency',
      ),
      row('Mettre en cache les résultats récurrents.', 'uncached-inference uncached-llm-prompt'),
      row("Exécuter en batch plutôt qu'en temps réel si possible.", 'one-by-one-inference llm-call-in-loop'),
      row(
        'Privilégier le Edge AI ou les datacenters bas-carbone.',
        'high-carbon-region bulk-upload-for-inference',
        'edge green-hosting',
      ),
      row(
        'Éviter les transferts de données massifs entre serveurs et clients.',
        'bulk-upload-for-inference unstreamed-dataset',
        'edge',
      ),
      row(
        "Suivre les métriques d'énergie, de latence et de charge serveur.",
        'unmonitored-serving',
        'usage-metrics',
      ),
      row(
        'Détecter les dérives de performance pour éviter un réentraînement inutile.',
        'unconditional-retraining',
        'usage-metrics',
      ),
    ],
  },
  {
    id: 'operation',
    title: { en: 'Checklist: operation', fr: 'Checklist : phase d’exploitation' },
    rows: [
      row(
        'Fournir une fiche Model Card (origine des données, performances, limites, empreinte carbone estimée).',
        'published-without-model-card',
        'model-card',
      ),
      row('Auditer les biais du jeu de données et des résultats.', '', 'bias-audit'),
      row('Favoriser la diversité et la représentativité des données.', '', 'representative-data'),
      row('Rendre le code ouvert, réutilisable et versionné (GitHub, licences libres).', '', 'open-code'),
      row('Documenter la méthodologie pour faciliter la reprise et la maintenance.', '', 'documented-method'),
      row(
        'Former les développeurs, data scientists et décideurs à la sobriété numérique.',
        '',
        'trained-people',
        ['pages'],
      ),
      row('Intégrer les critères RSE et environnementaux dans les revues de projet.', '', 'project-reviews', [
        'score',
      ]),
    ],
  },
  {
    id: 'removal',
    title: {
      en: 'Removing useless layers and parameters',
      fr: 'Suppression des couches ou paramètres inutiles',
    },
    rows: [
      row(
        "Retirer les couches dédiées à l'entraînement (dropout, batchnorm inutiles, etc.)",
        'inference-without-eval training-graph-exported always-on-dropout',
      ),
      row(
        'Supprimer les variables intermédiaires non utilisées en inférence',
        'training-graph-exported inference-with-gradients',
      ),
      row(
        'Figurer les paramètres constants pour éviter leur recalcul',
        'native-format-deployment unoptimized-conversion',
      ),
      row('Fusionner les couches redondantes (par exemple convolution + activation)', 'unfused-layers'),
      row('Supprimer les paramètres faiblement contributifs.', 'unfinalized-pruning'),
    ],
  },
  {
    id: 'removable',
    title: { en: 'What can be removed', fr: 'Typologie des suppressions possibles' },
    rows: [
      row(
        'Couches de régularisation (Dropout, BatchNormalization)',
        'inference-without-eval unfused-layers always-on-dropout',
      ),
      row('Couches de debug / instrumentation', 'debug-mode-left-on debug-ops-in-forward'),
      row('Variables non entraînées', 'training-graph-exported inference-with-gradients'),
      row(
        'Opérations de calcul intermédiaires',
        'redundant-softmax layer-built-in-forward native-format-deployment',
      ),
      row('Couches mortes ou isolées', 'unused-layer'),
    ],
  },
  {
    id: 'structure',
    title: { en: 'Structural optimization', fr: 'Optimisation structurelle' },
    rows: [
      row("L'élagage (Pruning)", 'unfinalized-pruning'),
      row('La quantification (Quantization)', 'unquantized-deployment full-precision-js-model'),
      row('La distillation de connaissances (Knowledge Distillation)', 'oversized-model'),
    ],
  },
  {
    id: 'graph',
    title: { en: 'Simplifying graphs', fr: 'Simplification de graphes' },
    rows: [
      row('calcul de la loss', 'training-graph-exported'),
      row('gradients', 'training-graph-exported inference-with-gradients'),
      row('optimizers (Adam, SGD, etc.)', 'training-graph-exported'),
      row('Nœuds non connectés aux sorties du modèle', 'native-format-deployment unused-layer'),
    ],
  },
  {
    id: 'snippets',
    title: { en: 'The course’s code', fr: 'Le code du cours' },
    rows: [
      row('model.eval()', 'inference-without-eval'),
      row(
        "torch.quantization.fuse_modules(model, [['conv1', 'bn1', 'relu']], inplace=False)",
        'unfused-layers',
      ),
      row("torch.nn.utils.prune.remove(module, 'weight')", 'unfinalized-pruning'),
      row('tf.compat.v1.graph_util.remove_training_nodes(graph_def)', 'training-graph-exported'),
      row('python -m tf2onnx.convert', 'native-format-deployment'),
      row(
        'tensorflowjs_converter --input_format=tf_saved_model mymodel/ mymodel_optimized/',
        'unconverted-tfjs-model',
      ),
      row('torch.onnx.export(model, dummy_input, "model.onnx")', 'native-format-deployment'),
    ],
  },
  {
    id: 'conversion',
    title: { en: 'Conversion tools', fr: 'Frameworks de conversion' },
    rows: [
      row('ONNX (Open Neural Network Exchange)', 'native-format-deployment unoptimized-conversion'),
      row('TensorRT (NVIDIA)', 'native-format-deployment unoptimized-conversion'),
      row('TensorFlow Lite (TFLite)', 'native-format-deployment unoptimized-conversion'),
      row('CoreML / OpenVINO', 'native-format-deployment unoptimized-conversion'),
      row('TorchScript', 'native-format-deployment'),
    ],
  },
  {
    id: 'steps',
    title: { en: 'Steps of a conversion', fr: 'Étapes d’une conversion' },
    rows: [
      row(
        'Sauvegarde du modèle entraîné au format natif (.h5, .pt, .pb, etc.).',
        'native-format-deployment training-graph-exported',
      ),
      row(
        'Nettoyage des couches ou variables inutiles (dropout, debug nodes, training ops).',
        'training-graph-exported debug-ops-in-forward inference-without-eval',
      ),
      row('Passage via un convertisseur', 'native-format-deployment unconverted-tfjs-model'),
      row('Fusion de couches (par ex. convolution + batch normalization).', 'unfused-layers'),
      row(
        'Quantization post-training (réduction des poids en int8 ou float16).',
        'unquantized-deployment unoptimized-conversion',
      ),
      row("Suppression des gradients et opérateurs liés à l'apprentissage.", 'training-graph-exported'),
      row(
        "Tests sur un jeu d'évaluation pour vérifier que la précision reste stable.",
        '',
        'checked-conversion',
      ),
      row(
        "Mesure du temps d'inférence et de la consommation énergétique (ex. via CodeCarbon).",
        'unmonitored-serving',
        'checked-conversion',
        ['emissions'],
      ),
    ],
  },
];
