import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Call, Expr, Module, Name, Node, Span } from '../../analysis/model.ts';
import { placeOf } from '../../analysis/program/place.ts';
import {
  ancestors,
  descendants,
  enclosingClass,
  enclosingFunction,
  lastName,
  statementOf,
} from '../../analysis/tree.ts';
import { addArgument, indentUnit, insertAfter, insertBefore, replace, startsLine, textOf } from '../edits.ts';
import { withoutHead } from '../knowledge/keras-heads.ts';
import {
  type Alternative,
  METRIC_LABELS,
  MODEL_ID_ARGUMENTS,
  type Model,
  modelOfCall,
} from '../knowledge/models.ts';
import { ownAlternatives, ownModel, statedAlternatives } from '../knowledge/own-facts.ts';
import { defineRule, type Edit, type Fix, type RuleContext, type UserFacts } from '../rule.ts';
import { isTakenForFeatures } from '../semantics/layers.ts';
import { memoizedWhole, statedInProgram } from '../semantics/memo.ts';
import { statedIn } from '../semantics/text.ts';

/** Generation has no published same-task comparison to stand on: size alone does not say that a smaller one will do. */
const JUDGED_TASKS: ReadonlySet<string> = new Set([
  'fill-mask',
  'text-classification',
  'token-classification',
  'zero-shot-classification',
  'question-answering',
  'feature-extraction',
  'sentence-similarity',
  'text-ranking',
  'image-classification',
  'object-detection',
  'image-segmentation',
  'semantic-segmentation',
  'automatic-speech-recognition',
  'zero-shot-image-classification',
  'image-feature-extraction',
]);

/** Millions of parameters from which a model counts as large, for text and sound, and for images. */
const LARGE = 300;
const LARGE_VISION = 50;
const VISION = /image|object|segmentation/;
/** Percentage points that an alternative may lose and still be proposed. */
const MAX_POINTS_LOST = 10;

export default defineRule({
  id: 'oversized-model',
  phase: 'design',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Parameter counts and published quality of each model, rules/knowledge/SOURCES.md.',
      fr: 'Nombre de paramètres et qualité publiée de chaque modèle, rules/knowledge/SOURCES.md.',
    },
  },
  references: {
    course: [
      'Phase de conception — Limiter la taille et la complexité : « Choisir une architecture adaptée au problème (pas de modèle "géant" inutile) »',
      'Recommandations aux développeurs : « Tester des modèles plus petits avant de passer au "big model" »',
      'Optimisation : Knowledge Distillation',
    ],
    links: ['https://huggingface.co/docs/transformers/model_doc/distilbert'],
  },
  libraries: [
    'transformers',
    'torchvision',
    'keras',
    'timm',
    'sentence_transformers',
    'whisper',
    'ultralytics',
    'open_clip',
    'langchain',
    'llama_index',
    'diffusers',
    'optimum',
  ],
  title: {
    en: 'Model much larger than one that does the same',
    fr: 'Modèle bien plus gros qu’un autre qui fait de même',
  },
  what: {
    en: 'A model, named by its id or built by its constructor, for which a published one does the same task with at least five times fewer parameters. Ids are followed through constants, defaults and configuration. Generation models are left out: there size alone does not tell whether the smaller one will do. So are models that files beside this one compare with others.',
    fr: 'Un modèle, désigné par son identifiant ou par son constructeur, pour lequel un modèle publié fait la même tâche avec au moins cinq fois moins de paramètres. Les identifiants sont suivis à travers constantes, valeurs par défaut et configuration. Les modèles génératifs sont exclus : la taille seule n’y dit pas si le plus petit suffit. De même les modèles que des fichiers voisins comparent à d’autres.',
  },
  why: {
    en: 'Work, memory and energy of a forward pass grow with the number of parameters it touches; training multiplies that by three and by every example. DistilBERT keeps 97 % of BERT’s GLUE score with 40 % fewer parameters (Sanh et al. 2019); VGG16 spends 138 M parameters on an ImageNet accuracy that networks of a few millions exceed.',
    fr: 'Calcul, mémoire et énergie d’une inférence croissent avec le nombre de paramètres mobilisés ; l’entraînement multiplie cela par trois et par chaque exemple. DistilBERT garde 97 % du score GLUE de BERT avec 40 % de paramètres en moins (Sanh et al. 2019) ; VGG16 dépense 138 M de paramètres pour une précision ImageNet que des réseaux de quelques millions dépassent.',
  },
  instead: {
    en: 'Try the smaller model first and measure on your own data; keep the large one only where it is needed, or distil it. `models` in the configuration gives the size and the alternatives of models that the catalogue does not know, or knows otherwise. Ignore the rule for teachers, for comparisons, and where the smaller one was measured and fell short.',
    fr: 'Essayez d’abord le plus petit et mesurez sur vos données ; ne gardez le gros que s’il le faut, ou distillez-le. `models`, dans la configuration, donne la taille et les alternatives des modèles que le catalogue ne connaît pas, ou connaît autrement. À ignorer pour un modèle enseignant, pour une comparaison, et si le plus petit, mesuré, ne suffit pas.',
  },
  messages: {
    default: {
      en: '`{id}` has {params} M parameters; `{smaller}` does the same task with {small} M, {times} times fewer{quality}.',
      fr: '`{id}` a {params} M de paramètres ; `{smaller}` fait la même tâche avec {small} M, {times} fois moins{quality}.',
    },
  },
  options: {
    ratio: {
      type: 'number',
      minimum: 2,
      maximum: 1000,
      default: 5,
      description: {
        en: 'How many times smaller an alternative must be.',
        fr: 'De combien de fois une alternative doit être plus petite.',
      },
    },
  },
  on: {
    calls: {
      names: [
        ...Object.keys(MODEL_ID_ARGUMENTS),
        'torchvision.models.*',
        'keras.applications.*',
        'timm.models.*',
      ],
      check,
    },
  },
  examples: {
    bad: [
      {
        code: 'from transformers import AutoModelForSequenceClassification, AutoTokenizer\n\nMODEL = "bert-large-uncased"\ntokenizer = AutoTokenizer.from_pretrained(MODEL)\nmodel = AutoModelForSequenceClassification.from_pretrained(MODEL, num_labels=2)\n',
        fixed:
          'from transformers import AutoModelForSequenceClassification, AutoTokenizer\n\nMODEL = "distilbert/distilbert-base-uncased"\ntokenizer = AutoTokenizer.from_pretrained(MODEL)\nmodel = AutoModelForSequenceClassification.from_pretrained(MODEL, num_labels=2)\n',
      },
      {
        code: 'from data import leaves\nfrom tensorflow.keras import Sequential\nfrom tensorflow.keras.applications import VGG16\nfrom tensorflow.keras.layers import Dense, GlobalAveragePooling2D\n\nbase = VGG16(weights="imagenet", include_top=False, input_shape=(224, 224, 3))\nmodel = Sequential([base, GlobalAveragePooling2D(), Dense(5, activation="softmax")])\nmodel.compile("adam", "categorical_crossentropy")\nmodel.fit(leaves, epochs=5)\n',
        fixed:
          'from data import leaves\nfrom tensorflow.keras import Sequential\nfrom tensorflow.keras.applications import MobileNetV2\nfrom tensorflow.keras.layers import Dense, GlobalAveragePooling2D\n\nbase = MobileNetV2(weights="imagenet", include_top=False, input_shape=(224, 224, 3))\nmodel = Sequential([base, GlobalAveragePooling2D(), Dense(5, activation="softmax")])\nmodel.compile("adam", "categorical_crossentropy")\nmodel.fit(leaves, epochs=5)\n',
      },
      {
        code: 'from data import pictures\nfrom keras.applications.vgg16 import VGG16\n\nbase = VGG16(weights="imagenet", include_top=False, input_shape=(150, 150, 3))\nfeatures = base.predict(pictures)\n',
        fixed:
          'from data import pictures\nfrom keras.applications import MobileNetV2\n\nbase = MobileNetV2(weights="imagenet", include_top=False, input_shape=(150, 150, 3))\nfeatures = base.predict(pictures)\n',
      },
      {
        code: 'import whisper\n\nmodel = whisper.load_model("large")\nprint(model.transcribe("talk.mp3")["text"])\n',
        fixed:
          'import whisper\n\nmodel = whisper.load_model("small")\nprint(model.transcribe("talk.mp3")["text"])\n',
      },
      {
        file: 'search.ts',
        code: "import { pipeline } from '@huggingface/transformers';\n\nconst embed = await pipeline('feature-extraction', 'Xenova/bge-large-en-v1.5');\n",
        fixed:
          "import { pipeline } from '@huggingface/transformers';\n\nconst embed = await pipeline('feature-extraction', 'Xenova/bge-small-en-v1.5');\n",
      },
      {
        file: 'triage.py',
        code: 'from transformers import pipeline\n\ntriage = pipeline("text-classification", model="acme/triage-xl")\nprint(triage("The lift is stuck again."))\n',
        files: {
          'frugal.json':
            '{ "models": { "acme/triage-xl": { "parameters": 1.2e9, "alternatives": ["acme/triage-s"] }, "acme/triage-s": { "parameters": 6e7 } } }\n',
        },
        fixed:
          'from transformers import pipeline\n\ntriage = pipeline("text-classification", model="acme/triage-s")\nprint(triage("The lift is stuck again."))\n',
        note: {
          en: 'The configuration knows your own models.',
          fr: 'La configuration connaît vos propres modèles.',
        },
      },
      {
        code: 'from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments\nfrom data import train_set, valid_set\n\nmodel = AutoModelForSequenceClassification.from_pretrained("bert-large-uncased", num_labels=2)\narguments = TrainingArguments("out", num_train_epochs=3)\ntrainer = Trainer(model=model, args=arguments, train_dataset=train_set, eval_dataset=valid_set)\ntrainer.train()\n',
        fixed:
          'from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments\nfrom data import train_set, valid_set\n\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert/distilbert-base-uncased", num_labels=2)\narguments = TrainingArguments("out", num_train_epochs=3)\ntrainer = Trainer(model=model, args=arguments, train_dataset=train_set, eval_dataset=valid_set)\ntrainer.train()\n',
        note: {
          en: 'A further fix trains the small model on the large one’s answers.',
          fr: 'Une autre correction entraîne le petit modèle sur les réponses du grand.',
        },
      },
    ],
    good: [
      {
        code: `import torch
from torch import nn
from torchvision import models

net = models.vgg16(weights="DEFAULT")
print(net)
net.classifier[6] = nn.Linear(net.classifier[6].in_features, 10)
torch.save(net.state_dict(), "vgg16_ten.pt")
`,
        note: {
          en: 'Built, changed and saved: nothing runs it.',
          fr: 'Construit, modifié, enregistré : rien ne l’exécute.',
        },
      },
      {
        code: `import timm

ENCODERS = {
    "clip-l": {"encoder": "vit_large_patch14_clip_336.openai", "size": 336},
    "small": {"encoder": "mobilenetv3_small_100", "size": 224},
}

class Eye:
    def __init__(self, name):
        self.encoder = timm.create_model(ENCODERS[name]["encoder"], pretrained=True)
`,
        note: { en: 'A table, from which a name chooses.', fr: 'Une table, où un nom choisit.' },
      },
      {
        code: `from torch import nn
from torchvision import models

class Stages(nn.Module):
    def __init__(self, wanted=("3", "8", "17")):
        super().__init__()
        self.wanted = wanted
        self.vgg = models.vgg19(weights="DEFAULT")

    def forward(self, x):
        found = []
        for name, layer in self.vgg.features.named_children():
            x = layer(x)
            if name in self.wanted:
                found.append(x)
        return found
`,
        note: { en: 'Its stages are what is wanted.', fr: 'Ce sont ses étages que l’on veut.' },
      },
      {
        code: `import torch
from torchvision import models

net = models.alexnet(weights="DEFAULT").cuda()
torch.onnx.export(net, torch.randn(1, 3, 224, 224).cuda(), "alexnet.onnx")
`,
        note: { en: 'A conversion, tried out.', fr: 'Une conversion, à l’essai.' },
      },
      {
        file: 'train_resnet152.py',
        files: {
          'train_resnet18.py': `from torchvision import models
from common import fit

fit(models.resnet18(weights="DEFAULT"))
`,
        },
        code: `from torchvision import models
from common import fit

fit(models.resnet152(weights="DEFAULT"))
`,
        note: { en: 'Its small sister is trained beside it.', fr: 'Sa petite sœur est entraînée à côté.' },
      },
      {
        file: 'losses.py',
        code: `from keras.applications import VGG19
from keras.losses import mean_squared_error

vgg = VGG19(include_top=False, weights="imagenet")
vgg.trainable = False

def sharpness_loss(wanted, made):
    return mean_squared_error(vgg(wanted), vgg(made))
`,
        note: { en: 'It measures, in a loss.', fr: 'Il mesure, dans une perte.' },
      },
      {
        code: `from keras.applications import VGG16
from keras.layers import Dense, GlobalAveragePooling2D
from keras.models import Model

vgg = VGG16(include_top=False, weights="imagenet", input_shape=(64, 64, 3))
early = GlobalAveragePooling2D()(vgg.get_layer("block3_pool").output)
model = Model(vgg.input, Dense(10, activation="softmax")(early))
`,
        note: { en: 'Its first layers alone.', fr: 'Ses premières couches seules.' },
      },
      {
        code: `from torch import nn
from torchvision import models

def stages(network):
    found, stage = [], nn.Sequential()
    for name, layer in dict(network.named_children())["features"].named_children():
        stage.add_module(name, layer)
        if isinstance(layer, nn.MaxPool2d):
            found.append(stage)
            stage = nn.Sequential()
    return found

def encoder():
    network = models.vgg16_bn(weights="DEFAULT")
    return nn.ModuleList(stages(network))
`,
        note: { en: 'A function takes it apart.', fr: 'Une fonction le démonte.' },
      },
      {
        code: `from torch import nn
from torchvision import models

class Segmenter(nn.Module):
    def __init__(self, classes):
        super().__init__()
        vgg = models.vgg16_bn(weights="DEFAULT")
        stages = list(vgg.features.children())
        self.down1, self.down2 = nn.Sequential(*stages[:7]), nn.Sequential(*stages[7:14])
        self.up2, self.up1 = nn.ConvTranspose2d(128, 64, 2, 2), nn.ConvTranspose2d(128, classes, 2, 2)
`,
        note: {
          en: 'Its stages are the encoder of an architecture drawn from it.',
          fr: 'Ses étages sont l’encodeur d’une architecture tirée de lui.',
        },
      },
      {
        file: 'vgg19.py',
        files: {
          'mobilenet.py': `from keras.applications import MobileNetV2
from heads import train

train(MobileNetV2(weights="imagenet", include_top=False, input_shape=(224, 224, 3)), "mobilenet")
`,
        },
        code: `from keras.applications import VGG19
from heads import train

train(VGG19(weights="imagenet", include_top=False, input_shape=(224, 224, 3)), "vgg19")
`,
        note: {
          en: 'One file for each network: a comparison all the same.',
          fr: 'Un fichier par réseau : une comparaison tout de même.',
        },
      },
      {
        file: 'VGG16/train.py',
        files: {
          'ResNet50/train.py': `from torchvision import models
from common import fit

fit(models.resnet50(weights="DEFAULT"))
`,
        },
        code: `from torchvision import models
from common import fit

fit(models.vgg16(weights="DEFAULT"))
`,
        note: { en: 'A folder for each network.', fr: 'Un dossier par réseau.' },
      },
      {
        code: `from transformers import ViTForImageClassification

model = ViTForImageClassification.from_pretrained("google/vit-base-patch16-224", num_labels=4)
`,
        note: {
          en: 'What a smaller one loses is not known.',
          fr: 'On ne sait pas ce qu’un plus petit y perd.',
        },
      },
      {
        code: `from keras.applications import VGG16

class Detector:
    def __init__(self, backbone):
        self.backbone = backbone

    def start_from_imagenet(self):
        donor = VGG16(weights="imagenet")
        for layer in donor.layers:
            for own in self.backbone.layers:
                if own.name == layer.name:
                    own.set_weights(layer.get_weights())
`,
        note: { en: 'It lends its weights, layer by layer.', fr: 'Il prête ses poids, couche par couche.' },
      },
      {
        code: `from torch import nn
from torchvision import models

class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.front = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1))
        donor = models.vgg16(weights="DEFAULT")
        own = self.front.state_dict()
        for mine, theirs in zip(own.values(), donor.state_dict().values()):
            mine.copy_(theirs)
`,
        note: {
          en: 'It lends the weights of its first layers.',
          fr: 'Il prête les poids de ses premières couches.',
        },
      },
      {
        code: `from peft import PeftModel
from transformers import CLIPModel

base = CLIPModel.from_pretrained("laion/CLIP-ViT-H-14-laion2B-s32B-b79K").to("cuda")
for topic in ("birds", "boats"):
    tuned = PeftModel.from_pretrained(base, f"adapters/{topic}")
    print(topic, embed(tuned))
`,
        note: {
          en: 'Adapters trained for this very model.',
          fr: 'Des adaptateurs entraînés pour ce modèle-là.',
        },
      },
      {
        code: `from torchvision import models

def build(structure="vgg16"):
    if structure == "vgg16":
        return models.vgg16(weights="DEFAULT")
    return models.densenet121(weights="DEFAULT")
`,
        note: { en: 'The user says which.', fr: 'L’utilisateur dit lequel.' },
      },
      {
        code: 'from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("distilbert-base-uncased")\n',
      },
      {
        code: 'from torchvision.models import resnet18, vgg16\n\nteacher = vgg16(weights="DEFAULT")\nstudent = resnet18()\n',
        note: { en: 'A teacher.', fr: 'Un enseignant.' },
      },
      {
        code: 'from torchvision import models\n\nfor build in (models.vgg16, models.resnet50, models.mobilenet_v3_small):\n    benchmark(build(weights="DEFAULT"))\n',
        note: { en: 'A comparison.', fr: 'Une comparaison.' },
      },
      {
        code: 'import torch.nn as nn\nfrom torchvision.models import vgg19\n\nclass PerceptualLoss(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.features = vgg19(weights="DEFAULT").features[:36].eval()\n',
        note: {
          en: 'Its features are the yardstick of a loss.',
          fr: 'Ses caractéristiques servent de mesure à une perte.',
        },
      },
      {
        file: 'own.py',
        code: 'from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("bert-large-uncased")\n',
        files: { 'frugal.json': '{ "models": { "bert-large-uncased": { "parameters": 9e7 } } }\n' },
        note: {
          en: 'A pruned copy under the same name: the configuration’s size comes before the catalogue’s.',
          fr: 'Une copie élaguée du même nom : la taille de la configuration passe avant celle du catalogue.',
        },
      },
      {
        code: 'import sys\nfrom transformers import AutoModel\n\nmodel = AutoModel.from_pretrained(sys.argv[1])\n',
        note: { en: 'Chosen at run time.', fr: 'Choisi à l’exécution.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.1-70B-Instruct")\n',
        note: {
          en: 'Generation: size alone does not tell.',
          fr: 'Génération : la taille seule ne dit rien.',
        },
      },
      {
        code: 'from tensorflow.keras.applications import VGG16, ResNet50, MobileNetV2\n\nmodels = [VGG16(), ResNet50(), MobileNetV2()]\n',
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module, facts } = context;
  const named = modelNamedBy(call, flow, facts);
  if (!named || named.model.params === null) return;
  const ids = [named.id ?? named.model.id, named.model.id];
  // who names alternatives has compared them: whatever the task and the size
  const isStated = statedAlternatives(facts, ids) !== null;
  if (!isStated && !JUDGED_TASKS.has(named.model.task)) return;
  if (isTeacherOrCandidate(call, named.model, context) || isFeatureYardstick(call, context)) return;
  const place: Span =
    named.argument ??
    (call.callee.kind === 'member'
      ? { start: call.callee.propertyStart, end: call.callee.end }
      : call.callee);
  const large = VISION.test(named.model.task) ? LARGE_VISION : LARGE;
  if (!isStated && named.model.params < large) return context.pass(place);
  const smaller = ownAlternatives(facts, named.model, ids, Number(context.options.ratio)).filter(
    (one) => isStated || isComparable(one),
  );
  const best = smaller[0];
  if (!best) return context.pass(place);
  // the same model built again in the file is the same decision
  const first = module.calls.find((one) => modelNamedBy(one, flow, facts)?.model === named.model);
  if (first !== call || takesAdapter(call, flow) || givesWeights(call)) return;
  if (isOnlyShown(call, context) || isTakenApart(call, context)) return;
  if (!named.argument && !isPutToWork(context)) return;
  const size = (model: Model) =>
    isHeadless(call, flow) ? withoutHead(model.id, model.params ?? 0) : (model.params ?? 0);
  context.fail(place, {
    data: {
      id: named.model.id,
      params: round(size(named.model)),
      smaller: best.model.id,
      small: round(size(best.model)),
      times: best.ratio ? Math.floor(size(named.model) / size(best.model)) : 0,
      quality: quality(best),
    },
    fixes: [
      ...smaller.flatMap((one) => replacement(call, named, one, context)),
      ...distillation(call, named, smaller, context),
    ],
  });
}

/** `include_top=False`, or what a configuration says of it: the network may come without its classifier. */
function isHeadless(call: Call, flow: Flow): boolean {
  if (!flow.names(call).some((name) => /^keras\.applications\./.test(name))) return false;
  const top = flow.argument(call, 'include_top', 0);
  return top.state === 'given' && flow.constant(top.value) !== true;
}

/** Whether weights trained for this very model are put on it: an adapter fits no other. */
function takesAdapter(call: Call, flow: Flow): boolean {
  const object = flow.objects(call).find(({ origin }) => origin === call);
  return (
    object !== undefined &&
    flow
      .uses(object, /^(?:from_pretrained|load_adapter|load_lora_weights|load_attn_procs)$/)
      .some((use) => use.role === 'receiver' || flow.names(use.call).some((name) => /^peft\./.test(name)))
  );
}

/** `donor.state_dict()`, or `donor.layers` read for `set_weights`, and nothing else: another network takes its weights over. */
function givesWeights(call: Call): boolean {
  const { parent } = call;
  const [target] = parent?.kind === 'assign' ? parent.targets : [];
  if (target?.kind !== 'name') return false;
  const around = enclosingFunction(call)?.body;
  const uses = around
    ? descendants(around, 'name').filter((one) => one.name === target.name && one !== target)
    : [];
  const handsOver = around
    ? descendants(around, 'member').some((one) => one.property === 'set_weights')
    : false;
  const taken = handsOver ? /^(?:layers|get_layer|get_weights)$/ : /^(?:state_dict|named_parameters)$/;
  return (
    uses.length > 0 &&
    uses.every(
      (one) => one.parent?.kind === 'member' && one.parent.object === one && taken.test(one.parent.property),
    )
  );
}

/** Whether something published says that the alternative does the job; sizes of one embedding family do without. */
function isComparable(one: Alternative): boolean {
  if (one.metric) return one.metric.from - one.metric.to <= MAX_POINTS_LOST;
  return one.quality !== null || /feature-extraction|similarity/.test(one.model.task);
}

/** What trains a network or has it predict. */
const WORKS =
  /\.(?:fit|fit_generator|train_on_batch|predict\w*|evaluate\w*|backward|eval|extract\w*)\(|\bno_grad\b|\binference_mode\b/;
const works = statedInProgram((module) => WORKS.test(statedIn(module)));

/** What hands a network on to another format or to a picture of it. */
const HANDS_ON = /\bonnx\.export\(|\bsave_keras_model\(|\bTFLiteConverter\b|\bplot_model\(|\bquiver/;
const handsOn = ofModule(
  (module) => HANDS_ON.test(module.text) && !/\.(?:fit\w*|backward)\(/.test(module.text),
);

/** Whether something in the programs trains the network or asks it: a file that converts or draws it does neither. */
const isPutToWork = ({ module, flow }: RuleContext): boolean => works(module, flow) && !handsOn(module);

/** Methods that neither run a network nor hand it on. */
const AT_REST =
  /^(?:eval|train|state_dict|load_state_dict|add_module|summary|parameters|named_parameters|requires_grad_|to|cuda|cpu)$/;
const SHOWS = /^(?:print|summary|save|len|type|count_parameters)$/;

const placedAt = (call: Call): Expr | undefined =>
  call.parent?.kind === 'assign' ? call.parent.targets[0] : undefined;

/** Whether the class that keeps the model as `self.vgg` goes through `self.vgg.features`. */
function keepsForFeatures(call: Call): boolean {
  const target = placedAt(call);
  const owner = enclosingClass(call);
  if (target?.kind !== 'member' || !owner) return false;
  return descendants(owner.body, 'member').some(
    (one) =>
      one.property === 'features' && one.object.kind === 'member' && one.object.property === target.property,
  );
}

/** Where a model is put by its name: that name's other uses, as far as they can be seen; null elsewhere. */
function usesOf(call: Call, { module, flow }: RuleContext): readonly Name[] | null {
  const target = placedAt(call);
  if (target?.kind !== 'name') return null;
  const fn = enclosingFunction(call);
  if (!fn && flow.component(module).size > 1) return null;
  const own = descendants(fn?.body ?? module.body, 'name');
  return own.filter((one) => one.name === target.name && one !== target);
}

/** Whether the model is built, looked at, changed or saved, and never run: an exercise in that, or left over. */
function isOnlyShown(call: Call, context: RuleContext): boolean {
  const uses = usesOf(call, context);
  if (uses === null || !uses.every(isAtRest)) return false;
  return uses.length > 0;
}

/** The last layers of Keras's networks: where a feature is taken that the whole network made. */
const LAST_LAYERS = /^(?:fc\d|predictions|flatten|block5_pool|avg_?pool|global\w*|top_\w+|out_relu)$/;
const GOES_THROUGH = /^(?:features|children|named_children|get_layer|layers)$/;

/** Whether its layers are taken one by one: the encoder of an architecture that is named after it, or drawn from it. */
function isTakenApart(call: Call, context: RuleContext): boolean {
  const { flow } = context;
  if (isTakenForFeatures(call) || keepsForFeatures(call)) return true;
  return (usesOf(call, context) ?? []).some((use) => {
    if (isTakenForFeatures(use)) return true;
    const outer = use.parent?.parent;
    if (outer?.kind !== 'call') return false;
    if (use.parent?.kind === 'argument')
      return flow
        .targets(outer)
        .some((target) => descendants(target.body, 'member').some((one) => GOES_THROUGH.test(one.property)));
    if (use.parent?.kind !== 'member' || use.parent.property !== 'get_layer') return false;
    const [wanted] = outer.args;
    const name = wanted ? flow.constant(wanted.value) : undefined;
    return typeof name !== 'string' || !LAST_LAYERS.test(name);
  });
}

/** `print(net)`, `torch.save(net.state_dict(), …)`, `net.classifier[6] = …`. */
function isAtRest(use: Name): boolean {
  const { parent } = use;
  // `vgg = Model(vgg.input, vgg.layers[-2].output)`: what becomes of it the name's other uses tell
  const statement = statementOf(use);
  if (
    statement.kind === 'assign' &&
    statement.targets.some((one) => one.kind === 'name' && one.name === use.name)
  )
    return true;
  if (parent?.kind === 'argument' && parent.parent?.kind === 'call')
    return SHOWS.test(lastName(parent.parent.callee));
  if (parent?.kind !== 'member' || parent.object !== use) return false;
  if (AT_REST.test(parent.property)) return true;
  let place: Node = parent;
  while ((place.parent?.kind === 'member' || place.parent?.kind === 'index') && place.parent.object === place)
    place = place.parent;
  return (
    (place.parent?.kind === 'assign' && place.parent.targets.some((one) => one === place)) ||
    (place.kind === 'member' && place.property === 'in_features')
  );
}

interface Named {
  readonly model: Model;
  /** The id's expression; null for a constructor. */
  readonly argument: Expr | null;
  readonly id: string | null;
}

/** The catalogue's model that a call builds; null when it is unknown or one of several. */
function modelNamedBy(call: Call, flow: Flow, facts: UserFacts): Named | null {
  const found: Named[] = [];
  for (const name of flow.names(call)) {
    const row = MODEL_ID_ARGUMENTS[name];
    if (!row) {
      const known = modelOfCall(name);
      const model = known && ownModel(facts, known.id, known);
      if (model) found.push({ model, argument: null, id: null });
      continue;
    }
    const argument = flow.argument(call, row.name, row.position);
    if (argument.state !== 'given') return null;
    if (isChosenFromTable(argument.value, flow)) return null;
    const ids = flow.constants(argument.value).filter((value) => typeof value === 'string');
    const id = ids.length === 1 ? ids[0] : undefined;
    const model = id === undefined ? undefined : ownModel(facts, id, modelOfCall(name, id));
    if (model && id !== undefined) found.push({ model, argument: argument.value, id });
  }
  return found.every((one) => one.model === found[0]?.model) ? (found[0] ?? null) : null;
}

/** `BACKBONES[name]["encoder"]`: a table of what there is, from which the name chooses. */
function isChosenFromTable(id: Expr, flow: Flow): boolean {
  return flow.values(id).some((value) => {
    if (value.kind !== 'constant' || value.node === id) return false;
    let entries = 0;
    for (const parent of ancestors(value.node)) if (parent.kind === 'entry') entries += 1;
    return entries > 1;
  });
}

const builtMemo = new WeakMap<UserFacts, WeakMap<Module, ReadonlySet<Model>>>();

/** Models that a file builds. */
function modelsBuilt(module: Module, flow: Flow, facts: UserFacts): ReadonlySet<Model> {
  const known = builtMemo.get(facts) ?? new WeakMap<Module, ReadonlySet<Model>>();
  builtMemo.set(facts, known);
  let built = known.get(module);
  if (!built) {
    built = new Set(module.calls.flatMap((call) => modelNamedBy(call, flow, facts)?.model ?? []));
    known.set(module, built);
  }
  return built;
}

/** A folder named for the network inside: `VGG16/train.ipynb` beside `ResNet50/train.ipynb`. */
const NAMED_FOR_NETWORK =
  /vgg|res_?ne|mobile_?net|dense_?net|inception|xception|efficient_?net|alex_?net|google_?net|\bvit|bert|cnn/i;

/** The folder whose files stand for one another: a file's own, or the one around it. */
function neighbourhood(module: Module): string {
  const folders = placeOf(module).split('/').slice(0, -1);
  return folders.slice(0, NAMED_FOR_NETWORK.test(folders.at(-1) ?? '') ? -1 : folders.length).join('/');
}

/** Files that may build a network, by neighbourhood. */
const neighbours = memoizedWhole((flow): ReadonlyMap<string, readonly Module[]> => {
  const found = new Map<string, Module[]>();
  for (const module of flow.modules) {
    if (!BUILDS.test(module.text)) continue;
    const key = neighbourhood(module);
    const known = found.get(key);
    if (known) known.push(module);
    else found.set(key, [module]);
  }
  return found;
});

/** What a file that builds a network of the catalogue says somewhere. */
const BUILDS =
  /\b(?:torchvision|timm|transformers|sentence_transformers|whisper|open_clip)\b|\bapplications\b/;

/** Whether a file beside this one builds another network for the same task. */
function isComparedBeside(model: Model, { module, flow, facts }: RuleContext): boolean {
  const beside = neighbours(flow).get(neighbourhood(module)) ?? [];
  return beside.some(
    (one) =>
      one !== module &&
      [...modelsBuilt(one, flow, facts)].some((other) => other.task === model.task && other !== model),
  );
}

/** A teacher, an entry of a list or dict of models, or one of several models that are built for one task to compare them. */
function isTeacherOrCandidate(call: Call, model: Model, context: RuleContext): boolean {
  const { module, flow, facts } = context;
  for (const parent of ancestors(call)) {
    if (parent.kind === 'sequence' || parent.kind === 'entry' || parent.kind === 'case') return true;
    if (
      parent.kind === 'assign' &&
      parent.targets.some((target) =>
        /teacher|baseline|reference|candidate/i.test(module.text.slice(target.start, target.end)),
      )
    )
      return true;
    if (parent.kind === 'function' || parent.kind === 'class') {
      if (/teacher|benchmark|compare|baseline/i.test(parent.name ?? '')) return true;
    }
    if (
      parent.kind === 'if' &&
      descendants(parent.test, 'binary').length > 0 &&
      (/arch|model|backbone|encoder|name|type|net/i.test(
        module.text.slice(parent.test.start, parent.test.end),
      ) ||
        comparesWith(parent.test, model))
    )
      return true; // one choice of several
  }
  if (/(^|\/)(bench|benchmarks?|tests?|docs)\//.test(placeOf(module))) return true;
  const built = new Set([...flow.related(module)].flatMap((one) => [...modelsBuilt(one, flow, facts)]));
  if ([...built].filter((one) => one.task === model.task).length >= 3) return true;
  return isComparedBeside(model, context);
}

/** `structure == 'vgg16'`: whoever runs the program says which model. */
function comparesWith(test: Expr, model: Model): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const id = plain(model.id.slice(model.id.lastIndexOf('/') + 1));
  return descendants(test, 'literal').some(
    ({ value }) => typeof value === 'string' && plain(value).length > 2 && id.includes(plain(value)),
  );
}

/** Perceptual and style losses compare images by a network's features; the network is the measure, not the product. */
function isFeatureYardstick(call: Call, context: RuleContext): boolean {
  const { module } = context;
  if (/(?:^|[/_])loss(?:es)?\.py$/i.test(placeOf(module))) return true;
  if (usesOf(call, context)?.some((use) => /loss/i.test(enclosingFunction(use)?.name ?? ''))) return true;
  for (const parent of ancestors(call)) {
    if (parent.kind === 'member' && parent.object === call && parent.property === 'features')
      return /percept|style|content|lpips|gram|loss/i.test(module.text);
    if (parent.kind === 'class' || parent.kind === 'function') {
      if (/percept|style|content|lpips|vggloss|feature_?loss/i.test(parent.name ?? '')) return true;
    }
  }
  return /\b(perceptual|style_transfer|neural_style|gram_matrix|style_loss|content_loss|content_layers|deep_?dream\w*|grad_?cam|guided_?backprop\w*|captum|inception_score|fid_score)\b/i.test(
    module.text,
  );
}

function round(params: number): number {
  return params >= 10 ? Math.round(params) : Math.round(params * 10) / 10;
}

function quality(one: Alternative): string {
  if (one.metric)
    return ` (${METRIC_LABELS[one.metric.name] ?? one.metric.name}: ${one.metric.from} % → ${one.metric.to} %)`;
  return one.quality ? ` (${one.quality})` : '';
}

/** An edit that names the alternative instead: every literal of the id in the file, or the constructor and its import. */
function replacement(call: Call, named: Named, one: Alternative, context: RuleContext): Fix[] {
  const { module, flow } = context;
  const size = `${round(one.model.params ?? 0)} M${quality(one)}`;
  const title = {
    en: `Use \`${one.model.id}\`: ${size}`,
    fr: `Utiliser \`${one.model.id}\` : ${size}`,
  };
  if (named.argument) {
    const wanted = named.id;
    const literals = descendants(module.body, 'literal').filter((literal) => literal.value === wanted);
    const spelled = shortSpelling(named.id ?? '', one.model.id);
    if (literals.length === 0) return [];
    return [{ title, edits: () => literals.map((literal) => withText(module, literal, spelled)) }];
  }
  // other constructors have other arguments and preprocessing; only Keras applications share theirs
  if (one.model.framework !== 'keras' || /preprocess_input/.test(module.text) || call.callee.kind !== 'name')
    return [];
  const local = call.callee.name;
  const statement = module.imports.find((item) =>
    item.bindings.some((binding) => binding.local === local && binding.imported === local),
  );
  if (!statement || descendants(module.body, 'name').filter((name) => name.name === local).length !== 1)
    return [];
  if (flow.argument(call, 'classifier_activation').state === 'given') return [];
  const bound = statement.bindings.find((binding) => binding.local === local);
  // `keras.applications.vgg16` holds no other network: all of them stand one level up
  const own = /applications(\.\w+)(?=\s+import\b)/.exec(textOf(module, statement));
  if (own && statement.bindings.length > 1) return [];
  const from = statement.start + (own ? own.index + 'applications'.length : 0);
  return [
    {
      title,
      edits: () => [
        { start: call.callee.start, end: call.callee.end, text: one.model.id },
        ...(bound ? [{ start: bound.start, end: bound.end, text: one.model.id }] : []),
        ...(own ? [{ start: from, end: from + (own[1]?.length ?? 0), text: '' }] : []),
      ],
    },
  ];
}

/** Classes whose outputs a student can copy: one row of logits for each label. */
const CLASSIFIES = /For(?:SequenceClassification|ImageClassification|TokenClassification)\.from_pretrained$/;

/** What models must share for one tokenizer to serve both. */
function vocabularyOf(id: string): string | null {
  if (/multilingual|xlm|deberta|albert|xlnet|electra/i.test(id)) return null;
  if (/roberta/i.test(id)) return 'roberta';
  if (/uncased/i.test(id)) return 'uncased';
  return /cased/i.test(id) ? 'cased' : null;
}

/**
 * The large model becomes the teacher of the first alternative that reads the same tokens: where the file trains it with
 * a Trainer.
 */
function distillation(
  call: Call,
  named: Named,
  smaller: readonly Alternative[],
  { module, flow }: RuleContext,
): Fix[] {
  const assign = call.parent;
  const [target] = assign?.kind === 'assign' ? assign.targets : [];
  const [first] = call.args;
  if (module.language !== 'python' || !flow.names(call).some((name) => CLASSIFIES.test(name))) return [];
  if (assign?.kind !== 'assign' || assign.targets.length !== 1 || assign.operator !== null) return [];
  if (
    target?.kind !== 'name' ||
    !named.argument ||
    first?.value !== named.argument ||
    !startsLine(module, assign)
  )
    return [];
  const isImage = /image/.test(named.model.task);
  const vocabulary = isImage ? 'image' : vocabularyOf(named.model.id);
  const student = smaller.find((one) => (isImage ? 'image' : vocabularyOf(one.model.id)) === vocabulary);
  const trainers = module.calls.filter((one) => flow.names(one).includes('transformers.Trainer'));
  const [trainer] = trainers;
  if (!vocabulary || !student || !trainer || trainers.length !== 1 || trainer.start < assign.end) return [];
  const model = flow.argument(trainer, 'model', 0);
  const isSame =
    model.state === 'given' &&
    model.value.kind === 'name' &&
    model.value.name === target.name &&
    enclosingFunction(trainer) === enclosingFunction(call);
  const top = module.body.statements.find((one) => one.start <= trainer.start && one.end >= trainer.end);
  const isTaken = /\bteacher\b|DistillationTrainer/.test(module.text);
  const added = addArgument(module, trainer, 'teacher=teacher');
  if (!isSame || !top || !startsLine(module, top) || isTaken || !added) return [];
  if (top.kind === 'function' && top.decorators.length > 0) return [];
  const unit = indentUnit(module);
  const lines = distillationTrainer(textOf(module, trainer.callee)).map((line) =>
    line.replace(/^(?: {4})+/, (deep) => unit.repeat(deep.length / 4)),
  );
  const { argument } = named;
  const built =
    textOf(module, call.callee) +
    module.text.slice(call.argsStart, argument.start) +
    JSON.stringify(student.model.id) +
    module.text.slice(argument.end, call.argsEnd);
  const size = round(student.model.params ?? 0);
  return [
    {
      title: {
        en: `Distil it: train \`${student.model.id}\` (${size} M) on its answers`,
        fr: `Le distiller : entraîner \`${student.model.id}\` (${size} M) sur ses réponses`,
      },
      edits: () => [
        replace(target, 'teacher'),
        insertAfter(module, assign, [`${target.name} = ${built}`]),
        insertBefore(module, top, lines),
        replace(trainer.callee, 'DistillationTrainer'),
        added,
      ],
      imports: ['import torch'],
    },
  ];
}

/** A Trainer whose model learns from the labels and from a teacher's softened answers (Hinton et al. 2015). */
function distillationTrainer(base: string): string[] {
  return [
    `class DistillationTrainer(${base}):`,
    '    """Trains on the labels and on the teacher\'s softened answers."""',
    '',
    '    def __init__(self, *args, teacher, temperature=2.0, weight=0.5, **kwargs):',
    '        super().__init__(*args, **kwargs)',
    '        self.teacher = teacher.to(self.args.device).eval()',
    '        self.temperature = temperature',
    '        self.weight = weight',
    '',
    '    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):',
    '        outputs = model(**inputs)',
    '        with torch.no_grad():',
    '            wanted = self.teacher(**inputs).logits',
    '        soft = torch.nn.functional.kl_div(',
    '            torch.log_softmax(outputs.logits / self.temperature, dim=-1),',
    '            torch.softmax(wanted / self.temperature, dim=-1),',
    '            reduction="batchmean",',
    '        )',
    '        loss = self.weight * outputs.loss + (1 - self.weight) * self.temperature**2 * soft',
    '        return (loss, outputs) if return_outputs else loss',
    '',
    '',
  ];
}

/** The alternative's id as the call spells ids: `large` -> `small` where `whisper.load_model` takes short names. */
function shortSpelling(id: string, alternative: string): string {
  const prefix = /^(openai\/whisper-|sentence-transformers\/|cross-encoder\/)/.exec(alternative)?.[1];
  return prefix && !id.includes('/') && !id.startsWith('whisper')
    ? alternative.slice(prefix.length)
    : alternative;
}

/** The literal's new text between its own quotes. */
function withText(module: Module, literal: Span, text: string): Edit {
  const source = module.text.slice(literal.start, literal.end);
  const quotes = /^([rRbBuU]*)('''|"""|'|"|`)/.exec(source);
  const open = quotes ? quotes[0].length : 0;
  const close = quotes?.[2]?.length ?? 0;
  return { start: literal.start + open, end: literal.end - close, text };
}
