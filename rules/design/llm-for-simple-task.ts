import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Module, Stmt } from '../../analysis/model.ts';
import { descendants, enclosingFunction } from '../../analysis/tree.ts';
import { indentUnit, insertBefore, startsLine, textOf } from '../edits.ts';
import { LLM_LIBRARIES } from '../knowledge/llm-models.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { LLM_NAMES, llmRequest, llmRow, lookUp } from '../semantics/llm.ts';
import { knownText, textParts } from '../semantics/text.ts';

/** `prompt | llm` goes by its first part's name. */
const CHAIN_NAMES = ['ChatPromptTemplate', 'PromptTemplate'].flatMap((one) =>
  ['', '.from_messages()', '.from_template()'].flatMap((made) =>
    ['invoke', 'ainvoke', 'batch', 'abatch', 'stream'].map((method) => `langchain.${one}${made}.${method}`),
  ),
);

export default defineRule({
  id: 'llm-for-simple-task',
  phase: 'design',
  languages: ['python', 'typescript'],
  severity: 'hint',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Course, « une requête IA peut consommer 5 à 20 fois plus » than a plain web request (0.05 to 0.1 Wh); a regular expression or a linear classifier costs next to nothing.',
      fr: 'Cours, « une requête IA peut consommer 5 à 20 fois plus » qu’une simple requête web (0,05 à 0,1 Wh) ; une expression régulière ou un classifieur linéaire ne coûte presque rien.',
    },
  },
  references: {
    course: [
      'Gradation des solutions : du plus simple au plus intelligent',
      'Définir le besoin réel : « Peut-on atteindre le même objectif avec un algorithme plus simple ou des règles métier ? »',
      'La sobriété par l’usage : « Seuils de déclenchement (ex. : appel IA seulement si l’incertitude dépasse un seuil) »',
    ],
  },
  libraries: LLM_LIBRARIES,
  title: { en: 'Language model for a simple task', fr: 'Modèle de langage pour une tâche simple' },
  what: {
    en: 'A call of a language model whose own prompt, as written in the code, asks for something that a rule, a library or a small classifier does: a fixed label, yes or no, the language of a text, the e-mail addresses or dates in it, a sum.',
    fr: 'Un appel à un modèle de langage dont le prompt, écrit dans le code, demande ce que fait une règle, une bibliothèque ou un petit classifieur : une étiquette fixe, oui ou non, la langue d’un texte, les adresses ou les dates qu’il contient, une somme.',
  },
  why: {
    en: 'A plain web request takes about 0.05 to 0.1 Wh, one to a language model 5 to 20 times that (the course’s figures); a regular expression, a language detector or a linear model on the same text takes a fraction of either and answers the same each time.',
    fr: 'Une requête web classique consomme environ 0,05 à 0,1 Wh, une requête à un modèle de langage 5 à 20 fois plus (chiffres du cours) ; une expression régulière, un détecteur de langue ou un modèle linéaire n’en prend qu’une fraction et répond toujours de même.',
  },
  instead: {
    en: 'Climb step by step: a rule first, then a classical or a small model, and the language model only where the small one is unsure. Measure on a hundred examples what each step gets right. Ignore this where labels change from day to day, or where few texts ever come.',
    fr: 'Montez marche par marche : d’abord une règle, puis un modèle classique ou petit, et le grand modèle seulement quand le petit hésite. Mesurez sur une centaine d’exemples ce que chaque marche réussit. À ignorer si les étiquettes changent sans cesse ou si les textes sont rares.',
  },
  messages: {
    sentiment: {
      en: 'This prompt asks for a sentiment label: a small classifier gives it for a fraction of the energy.',
      fr: 'Ce prompt demande une étiquette de sentiment : un petit classifieur la donne pour une fraction de l’énergie.',
    },
    default: {
      en: 'This prompt asks for one of a few fixed labels: a small classifier can give it.',
      fr: 'Ce prompt demande une étiquette parmi quelques-unes : un petit classifieur peut la donner.',
    },
    yesno: {
      en: 'This prompt asks for a yes or a no: a rule or a small classifier can give it.',
      fr: 'Ce prompt demande un oui ou un non : une règle ou un petit classifieur peut le donner.',
    },
    language: {
      en: 'This prompt asks which language a text is in: a detector such as lingua or fastText knows.',
      fr: 'Ce prompt demande la langue d’un texte : un détecteur comme lingua ou fastText la connaît.',
    },
    reformat: {
      en: 'This prompt asks for a date or a number in another format: a parser and a format string do that.',
      fr: 'Ce prompt demande une date ou un nombre dans un autre format : un analyseur et une chaîne de format suffisent.',
    },
    arithmetic: {
      en: 'This prompt asks for a sum or the like: code computes it, and without error.',
      fr: 'Ce prompt demande une somme ou un calcul semblable : du code le fait, et sans erreur.',
    },
    extract: {
      en: 'This prompt asks for addresses, dates or numbers in a text: a regular expression finds them.',
      fr: 'Ce prompt demande des adresses, des dates ou des nombres dans un texte : une expression régulière les trouve.',
    },
  },
  on: { calls: { names: [...LLM_NAMES, ...CHAIN_NAMES], check } },
  examples: {
    bad: [
      {
        file: 'helper.py',
        code: 'import openai\n\ndef get_completion(prompt, model="gpt-4o-mini"):\n    messages = [{"role": "user", "content": prompt}]\n    response = openai.chat.completions.create(model=model, messages=messages, temperature=0, max_tokens=20)\n    return response.choices[0].message.content\n\nreview = open("review.txt").read()\nprompt = f"""\nWhat is the sentiment of the following product review?\nGive your answer as a single word, either "positive" or "negative".\nReview: {review}\n"""\nprint(get_completion(prompt))\n',
        note: { en: 'A helper sends it.', fr: 'Une fonction l’envoie.' },
      },
      {
        file: 'mood.ts',
        code: "import { google } from '@ai-sdk/google';\nimport { generateObject } from 'ai';\n\nexport async function mood(text: string) {\n  const { object } = await generateObject({\n    model: google('gemini-2.5-flash'),\n    output: 'enum',\n    enum: ['positive', 'negative', 'neutral'],\n    prompt: text,\n  });\n  return object;\n}\n",
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef sentiment(review):\n    reply = client.chat.completions.create(\n        model="gpt-4o-mini",\n        messages=[\n            {"role": "system", "content": "Classify the sentiment of the text as positive, negative or neutral. Answer with the label only."},\n            {"role": "user", "content": review},\n        ],\n        max_tokens=5,\n    )\n    return reply.choices[0].message.content\n',
        fixed:
          'from openai import OpenAI\nfrom transformers import pipeline\n\nclient = OpenAI()\n\nsmall_model = pipeline("text-classification", model="cardiffnlp/twitter-roberta-base-sentiment-latest")\n\ndef sentiment(review):\n    guess = small_model(review, truncation=True, max_length=512)[0]\n    if guess["score"] >= 0.95:  # the language model only where the small one is unsure\n        return guess["label"].lower()\n    reply = client.chat.completions.create(\n        model="gpt-4o-mini",\n        messages=[\n            {"role": "system", "content": "Classify the sentiment of the text as positive, negative or neutral. Answer with the label only."},\n            {"role": "user", "content": review},\n        ],\n        max_tokens=5,\n    )\n    return reply.choices[0].message.content\n',
      },
      {
        code: 'import ollama\n\ndef language(text):\n    prompt = f"What language is this text written in? Reply with the language name only.\\n\\n{text}"\n    return ollama.generate(model="llama3.2", prompt=prompt, options={"num_predict": 8})["response"]\n',
        fixed:
          'import ollama\nfrom lingua import LanguageDetectorBuilder\n\nlanguage_detector = LanguageDetectorBuilder.from_all_languages().build()\n\ndef language(text):\n    guess = language_detector.compute_language_confidence_values(text)[0]\n    if guess.value >= 0.9:  # the language model only where the detector is unsure\n        return guess.language.name.title()\n    prompt = f"What language is this text written in? Reply with the language name only.\\n\\n{text}"\n    return ollama.generate(model="llama3.2", prompt=prompt, options={"num_predict": 8})["response"]\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef emails(page):\n    return client.responses.create(model="gpt-4o-mini", input="Extract all email addresses from the following text:\\n" + page, max_output_tokens=300).output_text\n',
        fixed:
          'from openai import OpenAI\nimport re\n\nclient = OpenAI()\n\ndef emails(page):\n    found = re.findall(r"[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+", page)\n    if found:  # the language model only where the rule finds nothing\n        return "\\n".join(found)\n    return client.responses.create(model="gpt-4o-mini", input="Extract all email addresses from the following text:\\n" + page, max_output_tokens=300).output_text\n',
      },
      {
        file: 'spam.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n\nexport async function isSpam(mail: string) {\n  const reply = await openai.chat.completions.create({\n    model: 'gpt-4o-mini',\n    max_tokens: 4,\n    messages: [{ role: 'user', content: 'Is this message spam? Answer only yes or no. ' + mail }],\n  });\n  return reply.choices[0].message.content === 'yes';\n}\n",
      },
      {
        code: 'from langchain_openai import ChatOpenAI\nfrom langchain_core.prompts import ChatPromptTemplate\n\nllm = ChatOpenAI(model="gpt-4o-mini", max_tokens=10)\nprompt = ChatPromptTemplate.from_messages([\n    ("system", "Classify the ticket into one of: billing, technical, other. Return only the category."),\n    ("human", "{ticket}"),\n])\nchain = prompt | llm\n\ndef route(ticket):\n    return chain.invoke({"ticket": ticket}).content\n',
        note: { en: 'A chain of LangChain.', fr: 'Une chaîne de LangChain.' },
      },
      {
        code: 'import ollama\n\nRULES = "You label sentences. Only output POSITIVE or NEGATIVE."\n\ndef label(sentence):\n    return ollama.chat(model="llama3", messages=[{"role": "system", "content": RULES}, {"role": "user", "content": sentence}], options={"num_predict": 3})\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef total(prices):\n    return client.responses.create(model="gpt-4.1-mini", input=f"Compute the sum of these prices and return only the number: {prices}", max_output_tokens=20).output_text\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef demande_remboursement(message):\n    return client.responses.create(model="gpt-4.1-mini", input=f"Ce client demande-t-il un remboursement ? Réponds uniquement par oui ou non.\\n{message}", max_output_tokens=3).output_text\n',
        note: { en: 'A prompt in French.', fr: 'Un prompt en français.' },
      },
      {
        file: 'dates.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n\nexport const toIso = (date: string) =>\n  openai.chat.completions.create({\n    model: 'gpt-4o-mini',\n    max_tokens: 12,\n    messages: [\n      { role: 'system', content: 'Convert the date given by the user to ISO 8601 format (YYYY-MM-DD). Return only the date.' },\n      { role: 'user', content: date },\n    ],\n  });\n",
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef language(text):\n    return client.responses.create(model="gpt-4o-mini", input=f"What language is this text written in? Answer with the ISO 639-1 code only.\\n\\n{text}", max_output_tokens=4).output_text.strip()\n',
        fixed:
          'from openai import OpenAI\nfrom lingua import LanguageDetectorBuilder\n\nclient = OpenAI()\n\nlanguage_detector = LanguageDetectorBuilder.from_all_languages().build()\n\ndef language(text):\n    guess = language_detector.compute_language_confidence_values(text)[0]\n    if guess.value >= 0.9:  # the language model only where the detector is unsure\n        return guess.language.iso_code_639_1.name.lower()\n    return client.responses.create(model="gpt-4o-mini", input=f"What language is this text written in? Answer with the ISO 639-1 code only.\\n\\n{text}", max_output_tokens=4).output_text.strip()\n',
      },
    ],
    good: [
      {
        file: 'helpers.py',
        code: 'import openai\n\ndef get_completion(prompt):\n    messages = [{"role": "user", "content": prompt}]\n    return openai.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=200).choices[0].message.content\n\nstory = open("story.txt").read()\nprint(get_completion(f"Summarise this story in one sentence only:\\n{story}"))\nprint(get_completion(f"Answer only with a list of five topics that the text is about:\\n{story}"))\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef avis(texte):\n    return client.responses.create(model="gpt-4o-mini", input=f"Rédige une réponse chaleureuse à cet avis, positif ou négatif, en une phrase seulement :\\n{texte}", max_output_tokens=80).output_text\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef reply(review):\n    return client.responses.create(model="gpt-4o-mini", input="Write a warm reply to this review, positive or negative:\\n" + review, max_output_tokens=300).output_text\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef judge(question, answer):\n    prompt = f"You are a judge. Does the answer follow from the context? Explain step by step, then say yes or no.\\n{question}\\n{answer}"\n    return client.responses.create(model="gpt-4o", input=prompt, max_output_tokens=500).output_text\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef ask(prompt):\n    return client.responses.create(model="gpt-4o-mini", input=prompt, max_output_tokens=300).output_text\n',
      },
      {
        code: 'from transformers import pipeline\n\nclassify = pipeline("sentiment-analysis")\nprint(classify("Classify the sentiment as positive or negative"))\n',
      },
      {
        file: 'chat.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n\nexport const translate = (text: string) =>\n  openai.responses.create({ model: 'gpt-4o-mini', input: 'Detect the language of the text, then translate it to French, summarise it and list the people in it. ' + text, max_output_tokens: 500 });\n",
      },
    ],
  },
});

/** More than a label is wanted: reasons, texts, several things at once, tools, pictures. */
const MORE =
  /\b(?:expliqu|explication|pourquoi|résum|tradui|rédig|écri[st]?\b|écriv|décri|suggèr|propos|génèr|recommand|diagnosti|explain|explanation|reason(?:ing|s)?|why|step by step|summar|translat|write|rewrite|draft|generate|compose|describe|suggest|recommend|story|poem|code|image|photo|picture|json|schema|tool|agent|conversation|chatbot|assistant that|help the user|markdown|bullet|relevan|grade|judge|rubric|evaluat|medical|legal|diagnos)/i;

/** Codes of languages and places, not of programs. */
const CODES =
  /\b(?:iso(?:[- ]?\d[\d-]*)?(?: language| country)?|language|country|zip|postal|two-letter)[- ]codes?\b/gi;

const ONLY =
  /\b(?:only|just|exactly|single word|one word|nothing else|no other|uniquement|seulement|un seul mot|rien d['’]autre)\b/i;

const TASKS: readonly {
  readonly message: 'sentiment' | 'default' | 'yesno' | 'language' | 'extract' | 'reformat' | 'arithmetic';
  readonly asks: RegExp;
  readonly only: boolean;
}[] = [
  {
    message: 'sentiment',
    asks: /\b(?:classify|determine|analy[sz]e|detect|identify|what is|label|rate)\b[^.?!]{0,40}\bsentiment\b|\bsentiment\b[^.?!]{0,60}\bpositive\b[^.?!]{0,20}\bnegative\b/i,
    only: false,
  },
  {
    message: 'sentiment',
    asks: /\bpositi(?:ve|f)\b[^.?!]{0,20}\bn[eé]gati(?:ve|f)\b/i,
    only: true,
  },
  {
    message: 'language',
    asks: /\b(?:detect|identify|determine|guess|recogni[sz]e)\s+(?:the |which |what )?language\b|\b(?:what|which) language (?:is|does)\b|\b(?:quelle est la langue|dans quelle langue|la langue de ce texte)\b/i,
    only: true,
  },
  {
    message: 'yesno',
    asks: /\b(?:answer|respond|reply|return|output|say)\b[^.?!]{0,30}["'`]?\b(?:yes|true)\b["'`]?\s*(?:\/|or|,)\s*["'`]?(?:no|false)\b|\br[ée]pond\w*[^.?!]{0,40}\boui\b["'«» ]*(?:\/|ou|,)[^.?!]{0,6}\bnon\b/i,
    only: true,
  },
  {
    message: 'default',
    asks: /\bclassify\b[^.?!]{0,80}\b(?:as|into|in)\b(?: one of)?[^.?!]{0,20}(?:\b(?:categor|class|label|topic)|:|["'`[])|\bclasse[rz]?\b[^.?!]{0,80}\b(?:catégorie|classe|étiquette|parmi)|\b(?:answer|respond|reply|return|output|label)\b[^.?!]{0,40}\b(?:one of|one word|either)\b[^.?!]{0,25}[:"'`([][^.?!:]{2,40}(?:,|\bor\b|\/)/i,
    only: true,
  },
  {
    message: 'reformat',
    asks: /\b(?:convert|format|reformat|normali[sz]e|rewrite|convertis|formate)\b[^.?!]{0,40}\b(?:dates?|times?|timestamps?|phone numbers?|téléphone|prices?|amounts?|units?)\b[^?!]{0,60}\b(?:to|as|into|in|en|au)\b/i,
    only: true,
  },
  {
    message: 'arithmetic',
    asks: /\b(?:compute|calculate|add up|work out|calcule)\b[^.?!]{0,30}\b(?:sum|total|average|mean|median|difference|product|percentage|age|somme|moyenne)\b|\bsum (?:of|up) (?:the|these|all)\b/i,
    only: true,
  },
  {
    message: 'extract',
    asks: /\b(?:extract|find|list)\b(?: all| every| the| any)*\s+(?:e-?mail(?: address)?(?:es)?|phone numbers?|urls?|links|dates?|zip codes?|hashtags?)\b(?![^.?!]{0,40}\band\b(?!\s+(?:return|reply|output|give|print|respond|separate|list them)))/i,
    only: false,
  },
];

const MAX_PROMPT = 700;

function check(call: Call, context: RuleContext): void {
  const { flow } = context;
  const labels = labelsOf(flow, call);
  if (labels) {
    if (comesSecond(call)) return context.pass(call.callee);
    return context.fail(call.callee, { message: isMood(labels) ? 'sentiment' : 'default' });
  }
  const text = promptOf(flow, call).trim();
  const task = taskOf(text);
  if (hasTools(flow, call)) return;
  if (!task) return checkHanded(call, context);
  if (comesSecond(call)) return context.pass(call.callee);
  context.fail(call.callee, { message: task, fixes: cascade(call, task, text, context) });
}

function taskOf(text: string): (typeof TASKS)[number]['message'] | undefined {
  if (text === '' || text.length > MAX_PROMPT || MORE.test(text.replace(CODES, ''))) return undefined;
  return TASKS.find(({ asks, only }) => asks.test(text) && (!only || ONLY.test(text)))?.message;
}

/** A helper that sends the prompt it is given: `def ask(prompt): …`. Each call that hands one over is judged. */
function checkHanded(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const fn = enclosingFunction(call);
  if (!fn) return;
  const written = promptExprs(flow, call).flatMap((part) => textParts(flow, part));
  const holes = written.filter((part): part is Expr => typeof part !== 'string');
  const [hole] = holes;
  if (holes.length !== 1 || hole?.kind !== 'name' || written.join('').length > 200) return;
  const at = fn.parameters.findIndex(({ name, spread }) => name === hole.name && !spread);
  if (at < 0) return;
  for (const caller of flow.callers(fn)) {
    if (flow.moduleOf(caller) !== module) continue;
    const given = flow.argument(caller, hole.name, at);
    const task = given.state === 'given' ? taskOf(knownText(flow, given.value).trim()) : undefined;
    if (!task) continue;
    if (comesSecond(caller)) context.pass(caller.callee);
    else context.fail(caller.callee, { message: task });
  }
}

/** Labels that the answer must be one of: `output: 'enum', enum: ['spam', 'ham']`, `Output.choice({ options: […] })`. */
function labelsOf(flow: Flow, call: Call): readonly string[] | null {
  const output = flow.argument(call, 'output');
  if (output.state !== 'given') return null;
  const { value } = output;
  const isChoice = value.kind === 'call' && textOf(flow.moduleOf(call), value.callee) === 'Output.choice';
  if (!isChoice && flow.constant(value) !== 'enum') return null;
  if (['tools', 'messages'].some((name) => flow.argument(call, name).state === 'given')) return null;
  const given = isChoice ? flow.argument(value, 'options') : flow.argument(call, 'enum');
  const lists = given.state === 'given' ? flow.values(given.value) : [];
  const [only] = lists;
  if (lists.length !== 1 || only?.kind !== 'display' || only.node.kind !== 'sequence') return null;
  const labels = only.node.items.map((item) => flow.constant(item));
  return labels.length <= 12 && labels.every((label) => typeof label === 'string') ? labels : null;
}

const isMood = (labels: readonly string[]): boolean =>
  ['positive', 'negative'].every((mood) => labels.some((label) => label.toLowerCase() === mood));

/** Whether something cheaper answers first: `if guess.score > 0.9: return guess.label` above the call. */
function comesSecond(call: Call): boolean {
  const fn = enclosingFunction(call);
  return (
    fn?.body.statements.some(
      (one) =>
        one.kind === 'if' &&
        one.end < call.start &&
        descendants(one.then, 'return', true).some(
          ({ value }) => value !== null && value.kind !== 'literal' && value.kind !== 'sequence',
        ),
    ) ?? false
  );
}

interface Step {
  /** What stands before the function, made once. */
  readonly setup: readonly string[];
  /** What stands before the call. */
  readonly lines: (text: string, unit: string) => readonly string[];
  readonly imports: readonly string[];
  readonly packages: readonly string[];
  readonly title: Fix['title'];
}

/** The step below a language model, by task; null where the prompt asks for something else than what it gives. */
function stepBelow(task: string, prompt: string): Step | null {
  if (task === 'sentiment' && /positive/i.test(prompt) && /negative/i.test(prompt)) {
    const small = /neutral/i.test(prompt)
      ? 'cardiffnlp/twitter-roberta-base-sentiment-latest'
      : 'distilbert/distilbert-base-uncased-finetuned-sst-2-english';
    // spelled as the prompt spells its labels
    const spelled = /POSITIVE/.test(prompt) ? 'upper' : /Positive/.test(prompt) ? 'capitalize' : 'lower';
    return {
      setup: [`small_model = pipeline("text-classification", model="${small}")`],
      lines: (text, unit) => [
        `guess = small_model(${text}, truncation=True, max_length=512)[0]`,
        'if guess["score"] >= 0.95:  # the language model only where the small one is unsure',
        `${unit}return guess["label"].${spelled}()`,
      ],
      imports: ['from transformers import pipeline'],
      packages: ['transformers'],
      title: {
        en: 'Ask a small classifier first, the language model where it is unsure',
        fr: 'Interroger d’abord un petit classifieur, le modèle de langage s’il hésite',
      },
    };
  }
  if (task === 'language')
    return {
      setup: ['language_detector = LanguageDetectorBuilder.from_all_languages().build()'],
      lines: (text, unit) => [
        `guess = language_detector.compute_language_confidence_values(${text})[0]`,
        'if guess.value >= 0.9:  # the language model only where the detector is unsure',
        `${unit}return ${/\biso\b|\bcodes?\b/i.test(prompt) ? 'guess.language.iso_code_639_1.name.lower()' : 'guess.language.name.title()'}`,
      ],
      imports: ['from lingua import LanguageDetectorBuilder'],
      packages: ['lingua-language-detector'],
      title: {
        en: 'Ask a language detector first, the language model where it is unsure',
        fr: 'Interroger d’abord un détecteur de langue, le modèle de langage s’il hésite',
      },
    };
  const pattern = /e-?mail/i.test(prompt)
    ? String.raw`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`
    : /\burls?\b|\blinks\b/i.test(prompt)
      ? String.raw`https?://[^\s<>)]+`
      : null;
  if (task !== 'extract' || !pattern) return null;
  return {
    setup: [],
    lines: (text, unit) => [
      `found = re.findall(r"${pattern}", ${text})`,
      'if found:  # the language model only where the rule finds nothing',
      `${unit}return "\\n".join(found)`,
    ],
    imports: ['import re'],
    packages: [],
    title: {
      en: 'Try a regular expression first, the language model where it finds nothing',
      fr: 'Essayer d’abord une expression régulière, le modèle de langage si elle ne trouve rien',
    },
  };
}

/** A cascade in the function that makes the call, where it takes the text and gives back the model's answer as it is. */
function cascade(call: Call, task: string, prompt: string, context: RuleContext): readonly Fix[] {
  const { module, flow } = context;
  const fn = enclosingFunction(call);
  const step = stepBelow(task, prompt);
  const statement = fn?.body.statements.find((one) => one.start <= call.start && one.end >= call.end);
  if (module.language !== 'python' || !fn?.name || !step || !statement || fn.parent?.kind !== 'block')
    return [];
  const text = textParameter(fn, call, flow);
  const isTop = fn.parent === module.body;
  if (!text || !givesText(fn, module) || (!isTop && step.setup.length > 0)) return [];
  if (!startsLine(module, statement) || (fn.decorators.length > 0 && step.setup.length > 0)) return [];
  const names = descendants(module.body, 'name').map((one) => one.name);
  if (['guess', 'found', 'small_model', 'language_detector'].some((name) => names.includes(name))) return [];
  const first = promptStart(fn, statement, call);
  return [
    {
      title: step.title,
      edits: () => [
        ...(step.setup.length > 0 ? [insertBefore(module, fn, [...step.setup, ''])] : []),
        insertBefore(module, first, step.lines(text, indentUnit(module))),
      ],
      imports: step.imports,
      ...(step.packages.length > 0 ? { packages: step.packages } : {}),
    },
  ];
}

/** The one parameter that holds the text: what the prompt is put together from, directly or through one name. */
function textParameter(fn: FunctionNode, call: Call, flow: Flow): string | null {
  const parameters = new Set(fn.parameters.flatMap(({ name, spread }) => (name && !spread ? [name] : [])));
  const used = new Set<string>();
  const visit = (expr: Expr | Stmt, depth: number): void => {
    for (const name of descendants(expr, 'name')) {
      if (parameters.has(name.name)) used.add(name.name);
      else if (depth < 2)
        for (const assign of descendants(fn.body, 'assign', true))
          if (
            assign.value &&
            assign.end < call.start &&
            assign.targets.some((target) => target.kind === 'name' && target.name === name.name)
          )
            visit(assign.value, depth + 1);
    }
  };
  for (const argument of call.args) visit(argument.value, 0);
  for (const name of ['self', 'client', 'model', 'llm']) used.delete(name);
  const [only] = used;
  return used.size === 1 && only && flow.moduleOf(fn).language === 'python' ? only : null;
}

/** Whether what the function returns is the model's answer as text. */
function givesText(fn: FunctionNode, module: Module): boolean {
  const values = descendants(fn.body, 'return', true).map(({ value }) => value);
  return (
    values.length > 0 &&
    values.every(
      (value) =>
        value !== null &&
        /(?:\bcontent|\btext|output_text|\["response"\]|\['response'\]|\bresponse)(?:\.(?:strip|lower|upper|title)\(\))*$/.test(
          textOf(module, value),
        ),
    )
  );
}

/** The statement before which the cheaper step belongs: where the prompt is put together, or the call. */
function promptStart(fn: FunctionNode, statement: Stmt, call: Call): Stmt {
  const names = new Set(
    call.args.flatMap((argument) => descendants(argument.value, 'name')).map(({ name }) => name),
  );
  const assigned = fn.body.statements.find(
    (one) =>
      one.kind === 'assign' &&
      one.end < call.start &&
      one.targets.some((target) => target.kind === 'name' && names.has(target.name)),
  );
  return assigned ?? statement;
}

/** The template at the head of a chain that ends in a language model; null for a template filled by itself. */
function templateOf(flow: Flow, call: Call): Call | null {
  if (call.callee.kind !== 'member') return null;
  for (const { site } of flow.objects(call.callee.object)) {
    if (site.kind !== 'binary' || site.operator !== '|') continue;
    const parts = partsOf(site);
    const [head] = parts;
    const hasModel = parts.some((part) => flow.isA(part, 'langchain.BaseLanguageModel'));
    const made = head && hasModel ? flow.objects(head).flatMap(({ origin }) => origin ?? []) : [];
    if (made.length === 1) return made[0] ?? null;
  }
  return null;
}

function partsOf(expr: Expr): readonly Expr[] {
  return expr.kind === 'binary' && expr.operator === '|'
    ? [...partsOf(expr.left), ...partsOf(expr.right)]
    : [expr];
}

function promptOf(flow: Flow, call: Call): string {
  if (flow.names(call).some((name) => CHAIN_NAMES.includes(name))) {
    const template = templateOf(flow, call);
    return template?.args.map(({ value }) => knownText(flow, value)).join('\n') ?? '';
  }
  const request = llmRequest(flow, call);
  if (request) return knownText(flow, request.source);
  const row = llmRow(flow, call);
  if (!row || /^(?:transformers|vllm|llama-cpp)/.test(row.api)) return '';
  return promptExprs(flow, call)
    .map((part) => knownText(flow, part))
    .join('\n');
}

/** What the call sends: its prompt, its messages, its instructions. */
function promptExprs(flow: Flow, call: Call): readonly Expr[] {
  const request = llmRequest(flow, call);
  if (request) return [request.source];
  const row = llmRow(flow, call);
  if (!row) return [];
  const parts = row.prompt.flatMap((path): Expr[] => {
    const found = lookUp(flow, call, path);
    return found.state === 'given' ? [found.value] : [];
  });
  const first = parts.length === 0 && row.promptPosition !== null ? call.args[row.promptPosition] : undefined;
  if (first && first.name === null && !first.spread) parts.push(first.value);
  return parts;
}

function hasTools(flow: Flow, call: Call): boolean {
  return ['tools', 'functions', 'response_format', 'output'].some(
    (name) => flow.argument(call, name).state === 'given',
  );
}
