import { defineRule } from '../rule.ts';
import { reportGradients } from '../semantics/inference-reports.ts';

export default defineRule({
  id: 'validation-with-gradients',
  phase: 'training',
  languages: ['python'],
  severity: 'warning',
  status: 'preview',
  fix: 'safe',
  impact: {
    resource: 'compute',
    band: 'medium',
    source:
      'rules/knowledge (levers): DistilBERT forward, batch 8 x 64 tokens, 305 ms with gradients, 263 ms without (2 vCPU, torch 2.14.1, ±40 % run-to-run noise); activations kept for backward besides.',
  },
  references: {
    course: [
      'Simplification de graphes — Nœuds d’entraînement : gradients',
      'Typologie des suppressions possibles — Variables non entraînées : « gradients, caches »',
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad_mode.inference_mode.html',
      'https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation',
    ],
  },
  libraries: ['torch', 'transformers', 'timm', 'segmentation_models_pytorch'],
  title: {
    en: 'Inference that records gradients',
    fr: 'Inférence qui enregistre les gradients',
  },
  what: {
    en: 'A PyTorch model predicts with autograd on: no `torch.inference_mode()` or `torch.no_grad()` around the call, on the function or in its callers, and nothing asks for gradients of the result.',
    fr: 'Un modèle PyTorch prédit avec autograd actif : ni `torch.inference_mode()` ni `torch.no_grad()` autour de l’appel, sur la fonction ou chez ses appelants, et rien ne demande de gradients du résultat.',
  },
  why: {
    en: 'Autograd then records every operation and keeps the activations of every layer in memory until the result is freed. Measured for this project: a DistilBERT forward pass takes 305 ms with gradients and 263 ms without (batch of 8, 2 vCPU, ±40 % noise between runs). `model.eval()` does not turn gradients off.',
    fr: 'Autograd enregistre alors chaque opération et garde les activations de chaque couche en mémoire jusqu’à la libération du résultat. Mesuré pour ce projet : une passe de DistilBERT prend 305 ms avec gradients et 263 ms sans (lot de 8, 2 vCPU, ±40 % de bruit entre exécutions). `model.eval()` ne désactive pas les gradients.',
  },
  instead: {
    en: 'Put the prediction under `with torch.inference_mode():`, or the decorator `@torch.inference_mode()` on the function; `torch.no_grad()` where results go back into autograd or are changed in place. Ignore the rule where gradients are wanted (saliency maps, adversarial examples, style transfer).',
    fr: 'Mettez la prédiction sous `with torch.inference_mode():`, ou le décorateur `@torch.inference_mode()` sur la fonction ; `torch.no_grad()` si les résultats retournent dans autograd ou sont modifiés sur place. À ignorer si les gradients sont voulus (cartes de saillance, exemples adverses, transfert de style).',
  },
  messages: {
    default: {
      en: '`{model}` predicts with gradients on: autograd records every layer for a `backward()` that never comes.',
      fr: '`{model}` prédit avec les gradients actifs : autograd enregistre chaque couche pour un `backward()` qui ne vient jamais.',
    },
  },
  on: {
    module: (module, context) => reportGradients(module, context, true),
  },
  examples: { bad: [], good: [] },
});
