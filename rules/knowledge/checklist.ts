/**
 * Questions of the course that no code answers: a team answers them in FRUGAL.md. Ids are written into that file and
 * never change.
 */
import type { Text } from '../rule.ts';

export const CHECKLIST_PHASES = ['analysis', 'design', 'training', 'deployment', 'operation'] as const;
export type ChecklistPhase = (typeof CHECKLIST_PHASES)[number];

export interface Question {
  readonly id: string;
  readonly phase: ChecklistPhase;
  readonly question: Text;
  /** The course's words. */
  readonly course: string;
}

export const CHECKLIST_PHASE_NAMES: Readonly<Record<ChecklistPhase, Text>> = {
  analysis: { en: 'Analysis, before development', fr: 'Analyse, avant le développement' },
  design: { en: 'Design', fr: 'Conception' },
  training: { en: 'Training', fr: 'Entraînement' },
  deployment: { en: 'Deployment', fr: 'Déploiement' },
  operation: { en: 'Operation', fr: 'Exploitation' },
};

export const QUESTIONS: readonly Question[] = [
  // ------------------------------------------------------------------ analysis
  {
    id: 'need',
    phase: 'analysis',
    question: {
      en: 'AI is justified here: the need is written down, and what happens without AI.',
      fr: 'Le recours à l’IA est justifié : le besoin est écrit, et ce qui se passe sans IA.',
    },
    course: "Le recours à l'IA est-il réellement justifié ?",
  },
  {
    id: 'simpler-solution',
    phase: 'analysis',
    question: {
      en: 'Rules, then classical algorithms, then light models were tried before deep learning or an LLM.',
      fr: 'Des règles, puis des algorithmes classiques, puis des modèles légers ont été essayés avant l’apprentissage profond ou un LLM.',
    },
    course: 'Peut-on atteindre le même objectif avec un algorithme plus simple ou des règles métier ?',
  },
  {
    id: 'task',
    phase: 'analysis',
    question: {
      en: 'The automated task is named exactly: classification, detection, extraction …',
      fr: 'La tâche automatisée est nommée précisément : classification, détection, extraction…',
    },
    course: 'Identifier précisément la tâche automatisée (classification, détection, ...).',
  },
  {
    id: 'granularity',
    phase: 'analysis',
    question: {
      en: 'No general-purpose model does what a specialised one does.',
      fr: 'Aucun modèle généraliste ne fait ce qu’un modèle spécialisé fait.',
    },
    course: 'Éviter les modèles "généralistes" surdimensionnés pour un cas d\'usage restreint.',
  },
  {
    id: 'frequency-of-use',
    phase: 'analysis',
    question: {
      en: 'How often it is used, on how much data and on which hardware has been estimated.',
      fr: 'La fréquence d’usage, le volume de données et le matériel nécessaire sont estimés.',
    },
    course: "Évaluer la fréquence d'usage, le volume de données, le matériel nécessaire.",
  },
  {
    id: 'lifetime',
    phase: 'analysis',
    question: {
      en: 'Energy, the model’s lifetime and its social use were weighed: training is paid back by real use.',
      fr: 'L’énergie, la durée de vie du modèle et son usage social ont été pesés : l’usage réel amortit l’entraînement.',
    },
    course: "Considérer l'impact énergétique, la durée de vie du modèle et son usage social.",
  },
  {
    id: 'eco-objective',
    phase: 'analysis',
    question: {
      en: 'The project’s indicators hold one of energy or carbon, with a target.',
      fr: 'Les indicateurs du projet en comptent un d’énergie ou de carbone, avec une cible.',
    },
    course: 'Inclure un critère de sobriété énergétique ou de coût carbone dans les KPI du projet.',
  },
  {
    id: 'trade-off',
    phase: 'analysis',
    question: {
      en: 'It is decided how much quality may be given up for how much energy, and who decides.',
      fr: 'Il est décidé combien de performance peut être cédée pour combien d’énergie, et par qui.',
    },
    course: 'Arbitrer entre performance et efficacité environnementale.',
  },
  // -------------------------------------------------------------------- design
  {
    id: 'reuse',
    phase: 'design',
    question: {
      en: 'Existing models and datasets were looked for before making new ones.',
      fr: 'Des modèles et des jeux de données existants ont été cherchés avant d’en créer.',
    },
    course: 'Utiliser des modèles pré-entraînés, des datasets existants.',
  },
  {
    id: 'data-sobriety',
    phase: 'design',
    question: {
      en: 'The data are right and useful rather than massive: what is collected is used, and nothing more is.',
      fr: 'Les données sont justes et utiles plutôt que massives : ce qui est collecté sert, et rien de plus.',
    },
    course: 'Utiliser des données justes et utiles, pas massives.',
  },
  {
    id: 'frugal-hardware',
    phase: 'design',
    question: {
      en: 'The hardware was chosen for its consumption: low-power GPU or NPU, or a CPU where it is enough.',
      fr: 'Le matériel est choisi pour sa consommation : GPU ou NPU sobre, ou CPU quand il suffit.',
    },
    course: 'Préférer les GPU/NPU sobres ou le calcul sur cloud vert.',
  },
  {
    id: 'user-control',
    phase: 'design',
    question: {
      en: 'People start the AI themselves and can switch it off; nothing runs by default for show.',
      fr: 'L’utilisateur déclenche lui-même l’IA et peut la couper ; rien ne tourne par défaut comme gadget.',
    },
    course: "Donner à l'utilisateur le contrôle explicite de l'activation de l'IA,",
  },
  {
    id: 'modularity',
    phase: 'design',
    question: {
      en: 'A part of the model can be updated without training the whole again.',
      fr: 'Une partie du modèle peut évoluer sans tout réentraîner.',
    },
    course: 'Développer des modèles pouvant être mis à jour sans réentraîner complètement le système.',
  },
  {
    id: 'documented-choices',
    phase: 'design',
    question: {
      en: 'The choice of architecture and the dependencies are documented.',
      fr: 'Les choix d’architecture et les dépendances sont documentés.',
    },
    course: "Documenter les choix d'architecture et les dépendances.",
  },
  // ------------------------------------------------------------------ training
  {
    id: 'recorded-energy',
    phase: 'training',
    question: {
      en: 'The electricity of every experiment is recorded where the team compares them.',
      fr: 'La consommation électrique de chaque expérimentation est consignée là où l’équipe les compare.',
    },
    course: 'Estimer et consigner la consommation électrique de chaque expérimentation.',
  },
  {
    id: 'experiment-plan',
    phase: 'training',
    question: {
      en: 'There is a plan of experiments: which ones, in which order, and when to stop.',
      fr: 'Il existe un plan d’expériences : lesquelles, dans quel ordre, et quand s’arrêter.',
    },
    course: 'Planifier une stratégie expérimentale (design of experiments).',
  },
  {
    id: 'shared-platform',
    phase: 'training',
    question: {
      en: 'Training runs on a shared platform rather than on machines that wait.',
      fr: 'L’entraînement tourne sur une plateforme partagée plutôt que sur des machines qui attendent.',
    },
    course: 'Utiliser des plateformes de calcul partagées.',
  },
  {
    id: 'off-peak',
    phase: 'training',
    question: {
      en: 'Long trainings are planned when the grid is least loaded.',
      fr: 'Les entraînements longs sont planifiés quand le réseau est le moins chargé.',
    },
    course: 'Planifier les entraînements en heures creuses pour limiter la charge réseau/électrique.',
  },
  {
    id: 'data-format',
    phase: 'training',
    question: {
      en: 'Datasets are stored compressed, normalised and indexed, once, where everyone reads them.',
      fr: 'Les jeux de données sont stockés compressés, normalisés et indexés, une fois, là où tous les lisent.',
    },
    course: 'Compresser, normaliser et indexer les jeux de données.',
  },
  // ---------------------------------------------------------------- deployment
  {
    id: 'checked-conversion',
    phase: 'deployment',
    question: {
      en: 'After conversion or quantization, quality, time and energy were measured again on an evaluation set.',
      fr: 'Après conversion ou quantification, la qualité, le temps et l’énergie ont été mesurés à nouveau sur un jeu d’évaluation.',
    },
    course: "Tests sur un jeu d'évaluation pour vérifier que la précision reste stable.",
  },
  {
    id: 'call-frequency',
    phase: 'deployment',
    question: {
      en: 'How often the model is called was set on purpose, and a threshold decides whether it is called at all.',
      fr: 'La fréquence d’appel du modèle est choisie, et un seuil décide s’il est appelé.',
    },
    course: "Ajuster la fréquence d'appel des modèles.",
  },
  {
    id: 'edge',
    phase: 'deployment',
    question: {
      en: 'Running on the device was considered, with what it saves in transfers.',
      fr: 'L’exécution sur l’appareil a été envisagée, avec les transferts qu’elle évite.',
    },
    course: 'Privilégier le Edge AI ou les datacenters bas-carbone.',
  },
  {
    id: 'green-hosting',
    phase: 'deployment',
    question: {
      en: 'The host publishes its PUE and its electricity, and the region was chosen for its carbon intensity.',
      fr: 'L’hébergeur publie son PUE et son électricité, et la région est choisie pour son intensité carbone.',
    },
    course: 'Déployer sur des serveurs ou clouds verts.',
  },
  {
    id: 'usage-metrics',
    phase: 'deployment',
    question: {
      en: 'Energy, latency and load are followed in production, and someone reads them.',
      fr: 'L’énergie, la latence et la charge sont suivies en production, et quelqu’un les lit.',
    },
    course: "Suivre les métriques d'énergie, de latence et de charge serveur.",
  },
  // ----------------------------------------------------------------- operation
  {
    id: 'model-card',
    phase: 'operation',
    question: {
      en: 'A model card tells where the data come from, what it does well and badly, and its carbon footprint.',
      fr: 'Une fiche du modèle dit l’origine des données, ses performances, ses limites et son empreinte carbone.',
    },
    course:
      'Fournir une fiche Model Card (origine des données, performances, limites, empreinte carbone estimée).',
  },
  {
    id: 'bias-audit',
    phase: 'operation',
    question: {
      en: 'Bias was looked for in the data and in the results.',
      fr: 'Les biais ont été cherchés dans les données et dans les résultats.',
    },
    course: 'Auditer les biais du jeu de données et des résultats.',
  },
  {
    id: 'representative-data',
    phase: 'operation',
    question: {
      en: 'The data are diverse and stand for the people concerned.',
      fr: 'Les données sont diverses et représentent les personnes concernées.',
    },
    course: 'Favoriser la diversité et la représentativité des données.',
  },
  {
    id: 'open-code',
    phase: 'operation',
    question: {
      en: 'The code is versioned, has a licence and can be reused.',
      fr: 'Le code est versionné, porte une licence et peut être réutilisé.',
    },
    course: 'Rendre le code ouvert, réutilisable et versionné (GitHub, licences libres).',
  },
  {
    id: 'documented-method',
    phase: 'operation',
    question: {
      en: 'The method is documented well enough for others to take over, and good practice is shared.',
      fr: 'La méthodologie est assez documentée pour être reprise, et les bonnes pratiques sont partagées.',
    },
    course: 'Documenter la méthodologie pour faciliter la reprise et la maintenance.',
  },
  {
    id: 'trained-people',
    phase: 'operation',
    question: {
      en: 'Developers, data scientists and deciders were trained in digital sobriety.',
      fr: 'Développeurs, data scientists et décideurs ont été formés à la sobriété numérique.',
    },
    course: 'Former les développeurs, data scientists et décideurs à la sobriété numérique.',
  },
  {
    id: 'project-reviews',
    phase: 'operation',
    question: {
      en: 'Project reviews look at social and environmental criteria.',
      fr: 'Les revues de projet regardent les critères RSE et environnementaux.',
    },
    course: 'Intégrer les critères RSE et environnementaux dans les revues de projet.',
  },
  {
    id: 'unused-models',
    phase: 'operation',
    question: {
      en: 'Models that are hardly used are found and switched off.',
      fr: 'Les modèles peu utilisés sont repérés et désactivés.',
    },
    course: 'Désactivation automatique des modèles peu utilisés,',
  },
];
