import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr } from '../../analysis/model.ts';
import { LANGCHAIN_PACKAGES } from '../knowledge/llm-models.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { LLM_NAMES, llmRequest, llmRow, lookUp } from '../semantics/llm.ts';
import { knownText } from '../semantics/text.ts';

export default defineRule({
  id: 'llm-for-simple-task',
  phase: 'design',
  languages: ['python', 'typescript'],
  severity: 'hint',
  status: 'preview',
  fix: 'none',
  impact: {
    resource: 'compute',
    band: 'high',
    source:
      'Course, « une requête IA peut consommer 5 à 20 fois plus » than a plain web request (0.05 to 0.1 Wh); a regular expression or a linear classifier costs next to nothing.',
  },
  references: {
    course: [
      'Gradation des solutions : du plus simple au plus intelligent',
      'Définir le besoin réel : « Peut-on atteindre le même objectif avec un algorithme plus simple ou des règles métier ? »',
      'La sobriété par l’usage : « Seuils de déclenchement (ex. : appel IA seulement si l’incertitude dépasse un seuil) »',
    ],
  },
  libraries: [
    'openai',
    'OpenAI',
    'anthropic',
    'genai',
    'generativeai',
    'generative-ai',
    'mistralai',
    'cohere',
    'groq',
    'litellm',
    'langchain',
    ...LANGCHAIN_PACKAGES,
    'ollama',
    'chat.completions',
    'chat/completions',
    '@ai-sdk',
    "'ai'",
    '"ai"',
  ],
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
    extract: {
      en: 'This prompt asks for addresses, dates or numbers in a text: a regular expression finds them.',
      fr: 'Ce prompt demande des adresses, des dates ou des nombres dans un texte : une expression régulière les trouve.',
    },
  },
  on: { calls: { names: LLM_NAMES, check } },
  examples: {
    bad: [
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef sentiment(review):\n    reply = client.chat.completions.create(\n        model="gpt-4o-mini",\n        messages=[\n            {"role": "system", "content": "Classify the sentiment of the text as positive, negative or neutral. Answer with the label only."},\n            {"role": "user", "content": review},\n        ],\n        max_tokens=5,\n    )\n    return reply.choices[0].message.content\n',
      },
      {
        code: 'import ollama\n\ndef language(text):\n    prompt = f"What language is this text written in? Reply with the language name only.\\n\\n{text}"\n    return ollama.generate(model="llama3.2", prompt=prompt, options={"num_predict": 8})["response"]\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef emails(page):\n    return client.responses.create(model="gpt-4o-mini", input="Extract all email addresses from the following text:\\n" + page, max_output_tokens=300).output_text\n',
      },
      {
        file: 'spam.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n\nexport async function isSpam(mail: string) {\n  const reply = await openai.chat.completions.create({\n    model: 'gpt-4o-mini',\n    max_tokens: 4,\n    messages: [{ role: 'user', content: 'Is this message spam? Answer only yes or no. ' + mail }],\n  });\n  return reply.choices[0].message.content === 'yes';\n}\n",
      },
    ],
    good: [
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
  /\b(?:explain|explanation|reason(?:ing|s)?|why|step by step|summar|translat|write|rewrite|draft|generate|compose|describe|suggest|recommend|story|poem|code|image|photo|picture|json|schema|tool|agent|conversation|chatbot|assistant that|help the user|markdown|bullet|relevan|grade|judge|rubric|evaluat|medical|legal|diagnos)/i;

const ONLY = /\b(?:only|just|exactly|single word|one word|nothing else|no other)\b/i;

const TASKS: readonly {
  readonly message: 'sentiment' | 'default' | 'yesno' | 'language' | 'extract';
  readonly asks: RegExp;
  readonly only: boolean;
}[] = [
  {
    message: 'sentiment',
    asks: /\b(?:classify|determine|analy[sz]e|detect|identify|what is|label|rate)\b[^.?!]{0,40}\bsentiment\b|\bsentiment\b[^.?!]{0,60}\bpositive\b[^.?!]{0,20}\bnegative\b/i,
    only: false,
  },
  {
    message: 'language',
    asks: /\b(?:detect|identify|determine|guess|recogni[sz]e)\s+(?:the |which |what )?language\b|\b(?:what|which) language (?:is|does)\b/i,
    only: true,
  },
  {
    message: 'yesno',
    asks: /\b(?:answer|respond|reply|return|output|say)\b[^.?!]{0,30}["'`]?\b(?:yes|true)\b["'`]?\s*(?:\/|or|,)\s*["'`]?(?:no|false)\b/i,
    only: true,
  },
  {
    message: 'default',
    asks: /\bclassify\b[^.?!]{0,80}\b(?:as|into|in)\b(?: one of)?[^.?!]{0,20}(?:\b(?:categor|class|label|topic)|:|["'`[])/i,
    only: true,
  },
  {
    message: 'extract',
    asks: /\b(?:extract|find|list)\b(?: all| every| the| any)*\s+(?:e-?mail(?: address)?(?:es)?|phone numbers?|urls?|links|dates?|zip codes?|hashtags?)\b(?![^.?!]{0,40}\band\b)/i,
    only: false,
  },
];

const MAX_PROMPT = 700;

function check(call: Call, context: RuleContext): void {
  const { flow } = context;
  const text = promptOf(flow, call).trim();
  if (text === '' || text.length > MAX_PROMPT || MORE.test(text)) return;
  const task = TASKS.find(({ asks, only }) => asks.test(text) && (!only || ONLY.test(text)));
  if (!task || hasTools(flow, call)) return;
  context.fail(call.callee, { message: task.message });
}

function promptOf(flow: Flow, call: Call): string {
  const request = llmRequest(flow, call);
  if (request) return knownText(flow, request.source);
  const row = llmRow(flow, call);
  if (!row || /^(?:transformers|vllm|llama-cpp)/.test(row.api)) return '';
  const parts = row.prompt.flatMap((path): Expr[] => {
    const found = lookUp(flow, call, path);
    return found.state === 'given' ? [found.value] : [];
  });
  const first = parts.length === 0 && row.promptPosition !== null ? call.args[row.promptPosition] : undefined;
  if (first && first.name === null && !first.spread) parts.push(first.value);
  return parts.map((part) => knownText(flow, part)).join('\n');
}

function hasTools(flow: Flow, call: Call): boolean {
  return ['tools', 'functions', 'response_format', 'output'].some(
    (name) => flow.argument(call, name).state === 'given',
  );
}
