/** Rules whose fix cannot be run here, and why: the evidence page says so beside those that were measured. */
import type { Text } from '../../rules/rule.ts';

const NO_FIX: Text = {
  en: 'offers no fix: there is nothing to run',
  fr: 'ne propose pas de correction : rien à exécuter',
};
const HOSTED: Text = {
  en: 'calls a hosted model: needs a network and an account',
  fr: 'appelle un modèle hébergé : il faut un réseau et un compte',
};
const CLOUD: Text = {
  en: 'changes where or on what the work runs: needs a cloud',
  fr: 'change le lieu ou la machine du calcul : il faut un cloud',
};
const GPU: Text = { en: 'needs a GPU', fr: 'demande un GPU' };
const BROWSER: Text = {
  en: 'needs a browser: its cost is in the page, not in Node',
  fr: 'demande un navigateur : le coût est dans la page, pas dans Node',
};
const WEIGHTS: Text = {
  en: 'its gain is in weights trained elsewhere, which cannot be fetched here',
  fr: 'son gain est dans des poids entraînés ailleurs, qu’on ne peut pas télécharger ici',
};
const HUMAN: Text = {
  en: 'changes what people do or know, not what a program computes',
  fr: 'change ce que les gens font ou savent, pas ce qu’un programme calcule',
};

export const NOT_RUN: Readonly<Record<string, Text>> = {
  'always-on-endpoint': CLOUD,
  'data-parallel': NO_FIX,
  'growing-llm-context': HOSTED,
  'high-carbon-region': CLOUD,
  'host-sync-in-loop': GPU,
  'llm-call-in-loop': HOSTED,
  'llm-for-simple-task': NO_FIX,
  'no-eco-criterion': HUMAN,
  'oversized-instance': CLOUD,
  'oversized-model': WEIGHTS,
  'tensor-built-on-cpu': GPU,
  'training-from-scratch': WEIGHTS,
  'training-without-tracker': HUMAN,
  'unbounded-agent': HOSTED,
  'unbounded-retries': HOSTED,
  'uncapped-llm-output': HOSTED,
  'unprompted-ai-call': BROWSER,
  'unthrottled-inference': BROWSER,
};
