import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Index, Loop, Module, Node } from '../../analysis/model.ts';
import {
  ancestors,
  contains,
  descendants,
  enclosingClass,
  enclosingFunction,
  enclosingLoops,
  lastName,
} from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { LLM_LIBRARIES } from '../knowledge/llm-models.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { LLM_NAMES, llmRequest, llmRow, lookUp } from '../semantics/llm.ts';
import { asksModel, growingLists, isEndless, rootName, waitsForSomebody } from '../semantics/llm-loops.ts';
import { isHandler, isRerun } from '../semantics/serving.ts';
import { returned } from '../semantics/slice.ts';

export default defineRule({
  id: 'growing-llm-context',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'Epoch AI via EcoLogits (rules/knowledge, levers): 10k tokens of input take about 8 times the energy of a short prompt, 100k about 133 times.',
      fr: 'Epoch AI par EcoLogits (rules/knowledge, levers) : 10 000 jetons en entrée prennent environ 8 fois l’énergie d’une invite courte, 100 000 environ 133 fois.',
    },
  },
  references: {
    course: [
      'La sobriété par l’usage : « Réduction de la longueur des entrées/sorties (prompts, tokens générés)... »',
    ],
    links: ['https://python.langchain.com/docs/how_to/trim_messages/'],
  },
  libraries: LLM_LIBRARIES,
  title: { en: 'Conversation that only grows', fr: 'Conversation qui ne fait que grossir' },
  what: {
    en: 'A list of messages that lives from turn to turn, gets longer with each, and is sent whole to the model every time: nothing trims, windows or summarises it. Also LangChain’s `ConversationBufferMemory` and `RunnableWithMessageHistory` with a history that nothing trims.',
    fr: 'Une liste de messages qui vit de tour en tour, s’allonge à chacun, et part entière vers le modèle à chaque fois : rien ne la coupe, ne la fenêtre ni ne la résume. Aussi `ConversationBufferMemory` et `RunnableWithMessageHistory` de LangChain, dont rien ne coupe l’historique.',
  },
  why: {
    en: 'Turn n sends the n − 1 turns before again, so a conversation’s cost grows with the square of its length; 10,000 tokens of input take about 8 times the energy of a short prompt, 100,000 about 133 times (Epoch AI, quoted by EcoLogits).',
    fr: 'Le tour n renvoie les n − 1 précédents : le coût d’une conversation croît comme le carré de sa longueur ; 10 000 jetons en entrée consomment environ 8 fois plus qu’un prompt court, 100 000 environ 133 fois (Epoch AI, cité par EcoLogits).',
  },
  instead: {
    en: 'Send a window: the instructions and the last turns (`messages[:1] + messages[1:][-20:]`), `trim_messages` in LangChain, or a running summary. Cut where a user speaks, so that tool calls keep their results. Ignore this where a conversation has a handful of turns at most.',
    fr: 'Envoyez une fenêtre : les consignes et les derniers tours (`messages[:1] + messages[1:][-20:]`), `trim_messages` dans LangChain, ou un résumé. Coupez là où l’utilisateur parle, pour que les appels d’outils gardent leurs résultats. À ignorer si une conversation n’a que quelques tours.',
  },
  messages: {
    default: {
      en: '`{list}` grows with every turn and is sent whole each time: nothing trims it.',
      fr: '`{list}` grossit à chaque tour et part entière à chaque fois : rien ne la coupe.',
    },
    memory: {
      en: '`{list}` keeps the whole conversation and sends it again at every turn.',
      fr: '`{list}` garde toute la conversation et la renvoie à chaque tour.',
    },
  },
  on: {
    calls: {
      names: [
        ...LLM_NAMES,
        'langchain.ConversationBufferMemory',
        'langchain.BufferMemory',
        'langchain.RunnableWithMessageHistory',
        'langgraph.graph.StateGraph.compile',
        ...['*', '*.*', '*.*.*'].flatMap((chain) => [
          `langchain.${chain}.invoke`,
          `langchain.${chain}.stream`,
        ]),
      ],
      check,
    },
  },
  examples: {
    bad: [
      {
        file: 'graph.py',
        code: 'from typing import Annotated, TypedDict\nfrom langchain_core.messages import BaseMessage, HumanMessage\nfrom langchain_openai import ChatOpenAI\nfrom langgraph.checkpoint.memory import MemorySaver\nfrom langgraph.graph import END, START, StateGraph\nfrom langgraph.graph.message import add_messages\n\nllm = ChatOpenAI(model="gpt-4o-mini", max_tokens=300)\n\nclass Talk(TypedDict):\n    messages: Annotated[list[BaseMessage], add_messages]\n\ndef chat(state: Talk):\n    messages = state["messages"]\n    return {"messages": [llm.invoke(messages)]}\n\ngraph = StateGraph(Talk)\ngraph.add_node("chat", chat)\ngraph.add_edge(START, "chat")\ngraph.add_edge("chat", END)\nbot = graph.compile(checkpointer=MemorySaver())\n\nwhile True:\n    said = input("> ")\n    answer = bot.invoke({"messages": [HumanMessage(content=said)]}, config={"configurable": {"thread_id": "1"}})\n    print(answer["messages"][-1].content)\n',
        note: { en: 'A checkpointer keeps them.', fr: 'Un checkpointer les garde.' },
      },
      {
        file: 'gemini.py',
        code: 'import os\nimport google.generativeai as genai\n\ngenai.configure(api_key=os.environ["KEY"])\nmodel = genai.GenerativeModel("gemini-1.5-flash", generation_config={"max_output_tokens": 500})\nchat = model.start_chat(history=[])\n\nwhile True:\n    question = input("You: ")\n    if question == "exit":\n        break\n    print(chat.send_message(question).text)\n',
        note: { en: 'The SDK keeps what was said.', fr: 'Le SDK garde ce qui a été dit.' },
      },
      {
        file: 'analyst.py',
        code: 'from google import genai\nfrom google.genai import types\n\nclass Analyst:\n    def __init__(self):\n        self.client = genai.Client()\n        self.chat = self.client.chats.create(model="gemini-2.5-flash", config=types.GenerateContentConfig(max_output_tokens=500))\n\n    def ask(self, question):\n        return self.chat.send_message(question).text\n\nanalyst = Analyst()\nwhile True:\n    question = input("You: ")\n    if question == "quit":\n        break\n    print(analyst.ask(question))\n',
      },
      {
        file: 'rag.py',
        code: 'from langchain_core.messages import AIMessage, HumanMessage\nfrom langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder\nfrom langchain_openai import ChatOpenAI\n\nprompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("chat_history"), ("human", "{input}")])\nchain = prompt | ChatOpenAI(model="gpt-4o-mini", max_tokens=200)\nchat_history = []\n\nwhile True:\n    question = input("> ")\n    answer = chain.invoke({"input": question, "chat_history": chat_history})\n    chat_history.extend([HumanMessage(content=question), AIMessage(content=answer.content)])\n    print(answer.content)\n',
        fixed:
          'from langchain_core.messages import AIMessage, HumanMessage\nfrom langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder\nfrom langchain_openai import ChatOpenAI\n\nprompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("chat_history"), ("human", "{input}")])\nchain = prompt | ChatOpenAI(model="gpt-4o-mini", max_tokens=200)\nchat_history = []\n\nwhile True:\n    question = input("> ")\n    answer = chain.invoke({"input": question, "chat_history": chat_history[-20:]})\n    chat_history.extend([HumanMessage(content=question), AIMessage(content=answer.content)])\n    print(answer.content)\n',
        note: { en: 'Handed to a chain.', fr: 'Donnée à une chaîne.' },
      },
      {
        file: 'talk.py',
        code: 'import streamlit as st\nfrom langchain_openai import ChatOpenAI\n\nllm = ChatOpenAI(model="gpt-4o-mini", max_tokens=300)\n\ndef reply_to(said, history):\n    history.append(f"Human: {said}")\n    answer = llm.invoke("\\n".join(history))\n    history.append(f"AI: {answer.content}")\n    return answer.content\n\nif "history" not in st.session_state:\n    st.session_state.history = []\nif said := st.text_input("You"):\n    st.write(reply_to(said, st.session_state.history))\n',
        note: { en: 'Joined to one text.', fr: 'Réunie en un texte.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nmessages = [{"role": "system", "content": "You are kind."}]\n\nwhile True:\n    messages.append({"role": "user", "content": input("> ")})\n    reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=300)\n    text = reply.choices[0].message.content\n    messages.append({"role": "assistant", "content": text})\n    print(text)\n',
        fixed:
          'from openai import OpenAI\n\nclient = OpenAI()\nmessages = [{"role": "system", "content": "You are kind."}]\n\nwhile True:\n    messages.append({"role": "user", "content": input("> ")})\n    reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages[:1] + messages[1:][-20:], max_tokens=300)\n    text = reply.choices[0].message.content\n    messages.append({"role": "assistant", "content": text})\n    print(text)\n',
      },
      {
        file: 'bot.py',
        code: 'import ollama\n\nclass Bot:\n    def __init__(self):\n        self.history = []\n\n    def say(self, text):\n        self.history.append({"role": "user", "content": text})\n        reply = ollama.chat(model="llama3.2", messages=self.history, options={"num_predict": 200})\n        self.history.append(reply["message"])\n        return reply["message"]["content"]\n',
        fixed:
          'import ollama\n\nclass Bot:\n    def __init__(self):\n        self.history = []\n\n    def say(self, text):\n        self.history.append({"role": "user", "content": text})\n        reply = ollama.chat(model="llama3.2", messages=self.history[-20:], options={"num_predict": 200})\n        self.history.append(reply["message"])\n        return reply["message"]["content"]\n',
      },
      {
        file: 'server.js',
        code: "import express from 'express';\nimport OpenAI from 'openai';\n\nconst app = express();\nconst openai = new OpenAI();\nconst history = [{ role: 'system', content: 'You are kind.' }];\n\napp.post('/chat', async (req, res) => {\n  history.push({ role: 'user', content: req.body.text });\n  const reply = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: history, max_tokens: 300 });\n  history.push(reply.choices[0].message);\n  res.json(reply.choices[0].message);\n});\n",
        fixed:
          "import express from 'express';\nimport OpenAI from 'openai';\n\nconst app = express();\nconst openai = new OpenAI();\nconst history = [{ role: 'system', content: 'You are kind.' }];\n\napp.post('/chat', async (req, res) => {\n  history.push({ role: 'user', content: req.body.text });\n  const reply = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [...history.slice(0, 1), ...history.slice(1).slice(-20)], max_tokens: 300 });\n  history.push(reply.choices[0].message);\n  res.json(reply.choices[0].message);\n});\n",
      },
      {
        file: 'chat.ts',
        code: "import { openai } from '@ai-sdk/openai';\nimport { generateText } from 'ai';\nimport * as readline from 'node:readline/promises';\n\nconst terminal = readline.createInterface({ input: process.stdin, output: process.stdout });\nconst messages: any[] = [];\n\nwhile (true) {\n  messages.push({ role: 'user', content: await terminal.question('> ') });\n  const { text } = await generateText({ model: openai('gpt-4o-mini'), messages, maxOutputTokens: 300 });\n  messages.push({ role: 'assistant', content: text });\n  console.log(text);\n}\n",
        fixed:
          "import { openai } from '@ai-sdk/openai';\nimport { generateText } from 'ai';\nimport * as readline from 'node:readline/promises';\n\nconst terminal = readline.createInterface({ input: process.stdin, output: process.stdout });\nconst messages: any[] = [];\n\nwhile (true) {\n  messages.push({ role: 'user', content: await terminal.question('> ') });\n  const { text } = await generateText({ model: openai('gpt-4o-mini'), messages: messages.slice(-20), maxOutputTokens: 300 });\n  messages.push({ role: 'assistant', content: text });\n  console.log(text);\n}\n",
      },
      {
        file: 'chain.py',
        code: 'from langchain.chains import ConversationChain\nfrom langchain.memory import ConversationBufferMemory\nfrom langchain_openai import ChatOpenAI\n\nchain = ConversationChain(llm=ChatOpenAI(max_tokens=200), memory=ConversationBufferMemory())\nwhile True:\n    print(chain.predict(input=input("You: ")))\n',
      },
      {
        file: 'page.py',
        code: 'import streamlit as st\nfrom openai import OpenAI\n\nclient = OpenAI()\nif "messages" not in st.session_state:\n    st.session_state.messages = []\nif len(st.session_state.messages) == 0:\n    st.info("Ask me to summarise a text")\nif question := st.chat_input("Your question"):\n    st.session_state.messages.append({"role": "user", "content": question})\n    reply = client.chat.completions.create(\n        model="gpt-4o-mini",\n        messages=[{"role": m["role"], "content": m["content"]} for m in st.session_state.messages],\n        max_tokens=300,\n    )\n    st.session_state.messages.append({"role": "assistant", "content": reply.choices[0].message.content})\n',
      },
      {
        file: 'history.py',
        code: 'from langchain_core.chat_history import InMemoryChatMessageHistory\nfrom langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder\nfrom langchain_core.runnables.history import RunnableWithMessageHistory\nfrom langchain_groq import ChatGroq\n\nprompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("history"), ("human", "{input}")])\nsessions = {}\n\ndef history_of(session_id):\n    return sessions.setdefault(session_id, InMemoryChatMessageHistory())\n\nchat = RunnableWithMessageHistory(prompt | ChatGroq(model="llama-3.1-8b-instant", max_tokens=300), history_of, history_messages_key="history")\nwhile True:\n    print(chat.invoke({"input": input("> ")}, config={"configurable": {"session_id": "me"}}).content)\n',
      },
      {
        file: 'chat.mjs',
        code: "import ollama from 'ollama';\nimport readline from 'node:readline/promises';\n\nconst rl = readline.createInterface({ input: process.stdin });\nconst messages = [];\nfor await (const line of rl) {\n  messages.push({ role: 'user', content: line });\n  const reply = await ollama.chat({ model: 'llama3.2', messages, options: { num_predict: 200 } });\n  messages.push(reply.message);\n}\n",
        fixed:
          "import ollama from 'ollama';\nimport readline from 'node:readline/promises';\n\nconst rl = readline.createInterface({ input: process.stdin });\nconst messages = [];\nfor await (const line of rl) {\n  messages.push({ role: 'user', content: line });\n  const reply = await ollama.chat({ model: 'llama3.2', messages: messages.slice(-20), options: { num_predict: 200 } });\n  messages.push(reply.message);\n}\n",
      },
      {
        file: 'Chat.jsx',
        code: "import { useState } from 'react';\nimport OpenAI from 'openai';\n\nconst client = new OpenAI({ dangerouslyAllowBrowser: true });\n\nexport function Chat() {\n  const [messages, setMessages] = useState([]);\n  const send = async (text) => {\n    const next = [...messages, { role: 'user', content: text }];\n    const reply = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: next, max_tokens: 200 });\n    setMessages([...next, reply.choices[0].message]);\n  };\n  return <button onClick={() => send('Hello')}>Send</button>;\n}\n",
        note: { en: 'Kept in React’s state.', fr: 'Gardée dans l’état de React.' },
      },
      {
        file: 'bot.py',
        code: 'from collections import defaultdict\nfrom openai import OpenAI\n\nclient = OpenAI()\ntalks = defaultdict(list)\n\n\ndef answer(chat_id, text):\n    talks[chat_id].append({"role": "user", "content": text})\n    reply = client.chat.completions.create(model="gpt-4o-mini", messages=talks[chat_id], max_tokens=300)\n    talks[chat_id].append({"role": "assistant", "content": reply.choices[0].message.content})\n    return reply.choices[0].message.content\n',
        note: { en: 'One conversation for each chat.', fr: 'Une conversation pour chaque discussion.' },
      },
      {
        file: 'talks.ts',
        code: "import OpenAI from 'openai';\n\nexport class Talks {\n  client = new OpenAI();\n  talks: OpenAI.ChatCompletionMessageParam[][] = [[]];\n  current = 0;\n\n  async ask(content: string) {\n    this.talks[this.current].push({ role: 'user', content });\n    const reply = await this.client.chat.completions.create({\n      model: 'gpt-4o-mini',\n      max_completion_tokens: 300,\n      messages: [{ role: 'system', content: 'You help.' }, ...this.talks[this.current]],\n    });\n    this.talks[this.current].push(reply.choices[0].message);\n  }\n}\n",
      },
    ],
    good: [
      {
        file: 'window.py',
        code: 'from typing import Annotated, TypedDict\nfrom langchain_core.messages import BaseMessage, HumanMessage\nfrom langchain_openai import ChatOpenAI\nfrom langgraph.checkpoint.memory import MemorySaver\nfrom langgraph.graph import END, START, StateGraph\nfrom langgraph.graph.message import add_messages\n\nllm = ChatOpenAI(model="gpt-4o-mini", max_tokens=300)\n\nclass Talk(TypedDict):\n    messages: Annotated[list[BaseMessage], add_messages]\n\ndef chat(state: Talk):\n    messages = state["messages"]\n    return {"messages": [llm.invoke(messages[-10:])]}\n\ngraph = StateGraph(Talk)\ngraph.add_node("chat", chat)\ngraph.add_edge(START, "chat")\ngraph.add_edge("chat", END)\nbot = graph.compile(checkpointer=MemorySaver())\n\nwhile True:\n    said = input("> ")\n    print(bot.invoke({"messages": [HumanMessage(content=said)]}, config={"configurable": {"thread_id": "1"}}))\n',
      },
      {
        file: 'hello.py',
        code: 'from typing import Annotated, TypedDict\nfrom langchain_core.messages import BaseMessage, HumanMessage\nfrom langchain_openai import ChatOpenAI\nfrom langgraph.checkpoint.memory import MemorySaver\nfrom langgraph.graph import END, START, StateGraph\nfrom langgraph.graph.message import add_messages\n\nllm = ChatOpenAI(model="gpt-4o-mini", max_tokens=300)\n\nclass Talk(TypedDict):\n    messages: Annotated[list[BaseMessage], add_messages]\n\ndef chat(state: Talk):\n    messages = state["messages"]\n    return {"messages": [llm.invoke(messages)]}\n\ngraph = StateGraph(Talk)\ngraph.add_node("chat", chat)\ngraph.add_edge(START, "chat")\ngraph.add_edge("chat", END)\nbot = graph.compile(checkpointer=MemorySaver())\n\nprint(bot.invoke({"messages": [HumanMessage(content="Hello")]}, config={"configurable": {"thread_id": "1"}}))\n',
        note: { en: 'One turn.', fr: 'Un seul tour.' },
      },
      {
        file: 'questions.py',
        code: 'import google.generativeai as genai\n\nmodel = genai.GenerativeModel("gemini-1.5-flash", generation_config={"max_output_tokens": 500})\n\nwhile True:\n    chat = model.start_chat(history=[])\n    question = input("You: ")\n    print(chat.send_message(question).text)\n    print(chat.send_message("Shorter, please.").text)\n',
        note: { en: 'A chat for each question.', fr: 'Une discussion par question.' },
      },
      {
        file: 'reset.py',
        code: 'import google.generativeai as genai\n\nmodel = genai.GenerativeModel("gemini-1.5-flash", generation_config={"max_output_tokens": 500})\nchat = model.start_chat(history=[])\n\nwhile True:\n    question = input("You: ")\n    chat.history = chat.history[-10:]\n    print(chat.send_message(question).text)\n',
        note: { en: 'The last turns only.', fr: 'Seulement les derniers tours.' },
      },
      {
        file: 'bounded_bot.py',
        code: 'from collections import defaultdict, deque\nfrom openai import OpenAI\n\nclient = OpenAI()\ntalks = defaultdict(lambda: deque(maxlen=20))\n\n\ndef answer(chat_id, text):\n    talks[chat_id].append({"role": "user", "content": text})\n    reply = client.chat.completions.create(model="gpt-4o-mini", messages=talks[chat_id], max_tokens=300)\n    talks[chat_id].append({"role": "assistant", "content": reply.choices[0].message.content})\n    return reply.choices[0].message.content\n',
      },
      {
        file: 'steps.py',
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nwhile True:\n    messages = [{"role": "user", "content": input("> ")}]\n    while True:\n        reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, tools=TOOLS, max_tokens=300)\n        messages.append(reply.choices[0].message)\n        if not reply.choices[0].message.tool_calls:\n            break\n        messages.extend(run_tools(reply))\n',
        note: { en: 'Each question begins anew.', fr: 'Chaque question recommence à zéro.' },
      },
      {
        code: 'import tiktoken\nfrom openai import OpenAI\n\nclient = OpenAI()\nencoding = tiktoken.get_encoding("o200k_base")\nmessages = []\n\ndef fit(turns, limit=3000):\n    while sum(len(encoding.encode(turn["content"])) for turn in turns) > limit:\n        turns.pop(0)\n\nwhile True:\n    messages.append({"role": "user", "content": input("> ")})\n    fit(messages)\n    reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=300)\n    messages.append({"role": "assistant", "content": reply.choices[0].message.content})\n',
        note: { en: 'A helper shortens it.', fr: 'Une fonction la raccourcit.' },
      },
      {
        file: 'trimmed.py',
        code: 'from langchain_core.chat_history import InMemoryChatMessageHistory\nfrom langchain_core.messages import trim_messages\nfrom langchain_core.runnables.history import RunnableWithMessageHistory\nfrom langchain_groq import ChatGroq\n\nsessions = {}\n\ndef history_of(session_id):\n    return sessions.setdefault(session_id, InMemoryChatMessageHistory())\n\ntrimmer = trim_messages(max_tokens=20, strategy="last", token_counter=len)\nchat = RunnableWithMessageHistory(trimmer | ChatGroq(model="llama-3.1-8b-instant", max_tokens=300), history_of)\nwhile True:\n    print(chat.invoke([("human", input("> "))], config={"configurable": {"session_id": "me"}}).content)\n',
      },
      {
        code: 'from langchain.chains import ConversationChain\nfrom langchain.memory import ConversationBufferMemory\nfrom langchain_openai import ChatOpenAI\n\nchain = ConversationChain(llm=ChatOpenAI(max_tokens=200), memory=ConversationBufferMemory())\nprint(chain.predict(input="I am Ana."))\nprint(chain.predict(input="Who am I?"))\n',
        note: { en: 'Two turns, written in the program.', fr: 'Deux échanges, écrits dans le programme.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nmessages = []\n\nwhile True:\n    messages.append({"role": "user", "content": input("> ")})\n    messages = messages[-20:]\n    reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=300)\n    messages.append(reply.choices[0].message)\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef ask(question):\n    messages = [{"role": "system", "content": "You are kind."}]\n    messages.append({"role": "user", "content": question})\n    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=300)\n',
        note: { en: 'A new list at each call.', fr: 'Une nouvelle liste à chaque appel.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nhistory = []\n\ndef ask(question):\n    history.append({"role": "user", "content": question})\n    if len(history) > 20:\n        history.pop(0)\n    return client.chat.completions.create(model="gpt-4o-mini", messages=history, max_tokens=300)\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef chat(messages):\n    """The caller keeps the conversation."""\n    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=300)\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nEXAMPLES = [{"role": "user", "content": "2+2"}, {"role": "assistant", "content": "4"}]\nanswers = []\n\nwhile True:\n    question = input("> ")\n    reply = client.chat.completions.create(model="gpt-4o-mini", messages=EXAMPLES + [{"role": "user", "content": question}], max_tokens=20)\n    answers.append(reply.choices[0].message.content)\n',
      },
      {
        file: 'memory.py',
        code: 'from langchain.memory import ConversationBufferWindowMemory\n\nmemory = ConversationBufferWindowMemory(k=5)\n',
      },
      {
        code: 'from langchain.memory import ConversationBufferMemory\n\nclass Log:\n    def __init__(self):\n        self.memory = ConversationBufferMemory()\n\n    def save(self, asked, answered):\n        self.memory.save_context({"input": asked}, {"output": answered})\n',
        note: { en: 'Written to, sent to nobody.', fr: 'Écrite, envoyée à personne.' },
      },
    ],
  },
});

const WINDOW = 20;

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (flow.names(call).some((name) => /^langchain\.(?:Conversation)?BufferMemory$/.test(name))) {
    if (isScripted(module) || !isRemembered(flow, module)) return;
    return context.fail(call.callee, { message: 'memory', data: { list: textOf(module, call.callee) } });
  }
  if (flow.names(call).includes('langchain.RunnableWithMessageHistory')) return checkHistory(call, context);
  if (flow.names(call).includes('langgraph.graph.StateGraph.compile')) return checkGraph(call, context);
  if (!asksModel(flow, call)) return;
  if (flow.names(call).some((name) => KEPT_CHAT.test(name))) return checkKeptChat(call, context);
  const sent = messagesOf(flow, call);
  if (!sent) return;
  for (const list of listsIn(flow, sent)) {
    const name = rootName(list);
    if (!name || !livesOn(flow, call, list, module)) continue;
    if (!growingLists(module.body).has(name) && !isOfState(flow, call, name)) continue;
    const grows = isOfSession(list, module) || growsBetweenTurns(flow, call, name);
    if (!grows) continue;
    if (isTrimmed(flow, module, name)) return context.pass(call.callee);
    if (isSentBefore(flow, call, list, name)) return;
    return context.fail(call.callee, {
      data: { list: textOf(module, list) },
      fixes: list === sent ? fixFor(flow, module, list) : [],
    });
  }
}

/** A graph whose checkpointer keeps the messages of a conversation, all of which a node sends at every turn. */
function checkGraph(call: Call, { flow, module, fail, pass }: RuleContext): void {
  const keeper = flow.argument(call, 'checkpointer', 0);
  const graph = flow.objects(call).find(({ origin }) => origin === call);
  if (keeper.state !== 'given' || flow.constant(keeper.value) !== undefined || !graph) return;
  const sendsAll = module.calls.some((one) => {
    const sent = asksModel(flow, one) ? messagesOf(flow, one) : null;
    return sent !== null && /^state(?:\[["']messages["']\]|\.messages)$/.test(writtenAs(flow, sent));
  });
  if (!sendsAll) return;
  const goesOn = flow.uses(graph, /^a?(?:invoke|stream)$/).some(
    (use) =>
      use.role === 'receiver' &&
      (outlivesTurn(flow, use.call, call) ||
        // a page of Streamlit runs again at each turn
        (flow.moduleOf(use.call) !== module && isRerun(flow, flow.moduleOf(use.call)))),
  );
  if (!goesOn) return;
  if (isBounded(module) || descendants(module.body, 'index').some(isTail)) return pass(call.callee);
  fail(call.callee, { message: 'memory', data: { list: textOf(module, keeper.value) } });
}

/** The source of an expression, of what a name was set to where it is one. */
function writtenAs(flow: Flow, expr: Expr): string {
  const module = flow.moduleOf(expr);
  if (expr.kind !== 'name') return textOf(module, expr);
  const [only, ...others] = reachingBindings(expr, module);
  return only?.source.from === 'expr' && others.length === 0 ? textOf(module, only.source.expr) : '';
}

/** Chats of Google's SDKs, which keep what was said and send it again. */
const KEPT_CHAT =
  /^(?:google\.generativeai\.ChatSession|vertexai\.ChatSession|google\.genai\.Chat)\.send_?message/i;

function checkKeptChat(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const made = chatOf(flow, call);
  if (!made || call.callee.kind !== 'member' || !outlivesTurn(flow, call, made)) return;
  // begun anew somewhere, or its history set: somebody sees to its length
  const owner = flow.moduleOf(made);
  const begins = owner.calls.filter(({ callee }) => lastName(callee) === lastName(made.callee));
  if (begins.length > 1 || isBounded(owner) || isBounded(module) || setsHistory(owner) || setsHistory(module))
    return context.pass(call.callee);
  if (module.calls.some((other) => other.start < call.start && chatOf(flow, other) === made)) return;
  context.fail(call.callee, { message: 'memory', data: { list: textOf(module, call.callee.object) } });
}

/** The call that began the chat which the call sends to. */
function chatOf(flow: Flow, { callee, ...call }: Call): Call | null {
  if (callee.kind !== 'member' || !/^send_?message/i.test(callee.property)) return null;
  if (!flow.names({ callee, ...call }).some((name) => KEPT_CHAT.test(name))) return null;
  const [only, ...others] = flow.objects(callee.object);
  return others.length === 0 ? (only?.origin ?? null) : null;
}

/** Whether the chat was begun before the turn in which the call stands, in functions around it too. */
function outlivesTurn(flow: Flow, call: Call, made: Call, depth = 2): boolean {
  if (enclosingLoops(call).some((loop) => isChat(flow, loop) && !contains(loop, made))) return true;
  const fn = enclosingFunction(call);
  if (!fn || contains(fn, made)) return false;
  return (
    isHandler(flow, fn) ||
    (depth > 0 && flow.callers(fn).some((caller) => outlivesTurn(flow, caller, made, depth - 1)))
  );
}

const setsHistory = ({ text }: Module): boolean =>
  /\.history\s*=(?!=)|\.history\.(?:pop|clear|splice|shift)|\.history\[|\brewind\(/.test(text);

/** Whether an earlier call of the same class or module sends the same list: one list, one finding. */
function isSentBefore(flow: Flow, call: Call, list: Expr, name: string): boolean {
  if (list.kind !== 'member') return false;
  const owner = enclosingClass(call);
  return flow.moduleOf(call).calls.some((other) => {
    if (other.start >= call.start || enclosingClass(other) !== owner || !asksModel(flow, other)) return false;
    const sent = messagesOf(flow, other);
    return (
      sent !== null && listsIn(flow, sent).some((one) => one.kind === 'member' && rootName(one) === name)
    );
  });
}

/** A chain that puts the whole history of its session before every question. */
function checkHistory(call: Call, { flow, module, fail, pass }: RuleContext): void {
  const factory = flow.argument(call, 'get_session_history', 1);
  if (factory.state !== 'given' || isScripted(module)) return;
  if (isBounded(module) || descendants(module.body, 'index').some(isTail)) return pass(call.callee);
  fail(call.callee, { message: 'memory', data: { list: textOf(module, call.callee) } });
}

/** `messages[-20:]`. */
function isTail({ index }: Index): boolean {
  return index.kind === 'slice' && index.lower?.kind === 'unary' && index.lower.operator === '-';
}

/** Whether some chain is given a memory, or a prompt what it holds: one that is only written to costs no token. */
function isRemembered(flow: Flow, module: Module): boolean {
  return [...flow.related(module)].some(
    (one) =>
      one.language === 'typescript' ||
      one.calls.some(
        ({ callee, args }) =>
          lastName(callee) === 'load_memory_variables' ||
          args.some(
            ({ name, value }) =>
              name === 'memory' ||
              /memory$|^buffer$/i.test(lastName(value)) ||
              (value.kind === 'dict' &&
                value.entries.some(({ key }) => key !== null && flow.constant(key) === 'memory')),
          ),
      ),
  );
}

/** A demonstration: whatever is said to the model stands in the program, so the talk ends with it. */
function isScripted(module: Module): boolean {
  const turns = module.calls.filter(
    ({ callee, args }) =>
      callee.kind === 'member' &&
      /^a?(?:call|invoke|predict|run|stream)$/.test(callee.property) &&
      args.length > 0,
  );
  return (
    turns.length > 0 &&
    turns.every(
      (turn) => enclosingLoops(turn).length === 0 && turn.args.every(({ value }) => isWritten(value)),
    )
  );
}

function isWritten(expr: Expr): boolean {
  if (expr.kind === 'literal') return true;
  return expr.kind === 'dict' && expr.entries.every(({ value }) => isWritten(value));
}

/** The messages that the call sends. */
function messagesOf(flow: Flow, call: Call): Expr | null {
  const request = llmRequest(flow, call);
  if (request) {
    const entry = request.body.entries.find(
      ({ key }) => key?.kind === 'literal' && (key.value === 'messages' || key.value === 'contents'),
    );
    return entry?.value ?? null;
  }
  const row = llmRow(flow, call);
  // `chain.invoke({"input": question, "chat_history": history})`
  if (!row) {
    const given = call.args[0]?.value;
    const told = given?.kind === 'dict' ? given.entries : [];
    const kept = told.find(
      ({ key }) => key?.kind === 'literal' && /^(?:chat_?history|history|messages)$/i.test(String(key.value)),
    );
    return kept?.value ?? null;
  }
  for (const path of ['messages', 'input', 'contents']) {
    if (!row.prompt.includes(path)) continue;
    const found = lookUp(flow, call, path);
    if (found.state === 'given') return found.value;
  }
  const first = row.promptPosition === 0 ? call.args[0] : undefined;
  return first && first.name === null && !first.spread ? first.value : null;
}

/** Lists whose whole content is in what is sent: itself, spread, copied item by item. */
function listsIn(flow: Flow, expr: Expr, depth = 0): Expr[] {
  if (depth > 3) return [];
  const inner = (one: Expr) => listsIn(flow, one, depth + 1);
  switch (expr.kind) {
    case 'name': {
      const made = reachingBindings(expr, flow.moduleOf(expr)).flatMap(({ source }) =>
        source.from === 'expr' && /^(?:comprehension|sequence|binary|call|template)$/.test(source.expr.kind)
          ? inner(source.expr)
          : [],
      );
      return [expr, ...made];
    }
    case 'member':
      return [expr];
    case 'index':
      // a session's entry, not a slice or an item of the list
      return (expr.index.kind === 'literal' && typeof expr.index.value === 'string') || isKept(flow, expr)
        ? [expr]
        : [];
    case 'binary':
      return expr.operator === '+' ? [...inner(expr.left), ...inner(expr.right)] : [];
    case 'sequence':
      return expr.items.flatMap((item) => (item.kind === 'spread' ? inner(item.value) : []));
    case 'call':
      // `"\\n".join(history)`, `history.map(asMessage)`
      if (expr.callee.kind !== 'member' || !/^(?:join|map)$/.test(expr.callee.property)) return [];
      return flow.moduleOf(expr).language === 'python'
        ? expr.args.slice(0, 1).flatMap(({ value }) => inner(value))
        : inner(expr.callee.object);
    case 'template':
      return expr.parts.flatMap((part) =>
        typeof part !== 'string' && part.kind === 'name' ? inner(part) : [],
      );
    case 'comprehension':
      return expr.clauses.length === 1 && expr.clauses[0] && expr.clauses[0].conditions.length === 0
        ? inner(expr.clauses[0].iterable)
        : [];
    default:
      return [];
  }
}

/** One conversation of many: `talks[chat_id]` of a module's or an object's `talks`, that grows under the same key. */
function isKept(flow: Flow, expr: Index): boolean {
  const { object, index } = expr;
  const module = flow.moduleOf(expr);
  if (!['name', 'member', 'call', 'template'].includes(index.kind) || /\bmaxlen\b/.test(module.text))
    return false;
  const lasts =
    object.kind === 'member'
      ? object.object.kind === 'name' && /^(?:self|this)$/.test(object.object.name)
      : object.kind === 'name' &&
        reachingBindings(object, module).some(({ scope }) => scope.node.kind === 'module');
  if (!lasts) return false;
  const written = textOf(module, expr);
  return module.calls.some(
    ({ callee }) =>
      callee.kind === 'member' &&
      /^(?:append|extend|push)$/.test(callee.property) &&
      callee.object.kind === 'index' &&
      textOf(module, callee.object) === written,
  );
}

/** Whether the list outlives the call: of the module, of an object or session, or made before an endless loop. */
function livesOn(flow: Flow, call: Call, list: Expr, module: Module): boolean {
  if (list.kind === 'index') return true;
  if (list.kind === 'member') {
    const owner = list.object;
    return (
      (owner.kind === 'name' && (owner.name === 'self' || owner.name === 'this')) ||
      /session_state$|(?:^|\.)session$/.test(textOf(module, owner))
    );
  }
  if (list.kind !== 'name') return false;
  if (isOfState(flow, call, list.name)) return true;
  const loops = enclosingLoops(call);
  return reachingBindings(list, module).some(({ scope, node, source }) => {
    if (source.from === 'parameter') return isHandedSession(flow, source.function, list.name);
    if (source.from !== 'expr') return false;
    if (scope.node.kind === 'module' && enclosingFunction(call)) return true;
    return loops.some((loop) => !contains(loop, node) && (isEndless(flow, loop) || isChat(flow, loop)));
  });
}

/** `reply_to(question, st.session_state.history)`. */
function isHandedSession(flow: Flow, fn: FunctionNode, name: string): boolean {
  const at = fn.parameters.findIndex((parameter) => parameter.name === name);
  return flow.callers(fn).some((caller) => {
    const given = flow.argument(caller, name, at);
    return given.state === 'given' && isOfSession(given.value, flow.moduleOf(given.value));
  });
}

/** A list of Streamlit's session: the page runs again at each turn, wherever it adds to the list. */
function isOfSession(list: Expr, module: Module): boolean {
  return (
    (list.kind === 'member' || list.kind === 'index') &&
    /(?:^|\.)session_state$/.test(textOf(module, list.object))
  );
}

/** A loop whose turns are somebody's: endless and waiting, or over the lines that a terminal sends. */
function isChat(flow: Flow, loop: Loop): boolean {
  if (loop.kind === 'for')
    return /\b(?:rl|readline|stdin)\b/.test(textOf(flow.moduleOf(loop), loop.iterable));
  return isEndless(flow, loop) && waitsForSomebody(loop);
}

/** `const [messages, setMessages] = useState([])`, set anew to all of it and more. */
function isOfState(flow: Flow, call: Call, name: string): boolean {
  const module = flow.moduleOf(call);
  return module.assigns.some(({ targets, value }) => {
    const [pair] = targets;
    if (pair?.kind !== 'sequence' || value?.kind !== 'call' || lastName(value.callee) !== 'useState')
      return false;
    const [list, setter] = pair.items;
    if (list?.kind !== 'name' || list.name !== name || setter?.kind !== 'name') return false;
    return module.calls.some(
      ({ callee, args }) =>
        callee.kind === 'name' &&
        callee.name === setter.name &&
        args[0] !== undefined &&
        spreads(flow, args[0].value),
    );
  });
}

/** `[...messages, reply]`, also through a name or as a function of the last state. */
function spreads(flow: Flow, expr: Expr): boolean {
  return flow.values(expr).some((value) => {
    if (value.kind === 'function')
      return returned(value.function).some((one) => one.kind === 'sequence' && one.items.some(isSpread));
    return value.kind === 'display' && value.node.kind === 'sequence' && value.node.items.some(isSpread);
  });
}

const isSpread = ({ kind }: Expr): boolean => kind === 'spread';

/** A turn adds to the list where the call is made: in the same function, or in the chat loop around it. */
function growsBetweenTurns(flow: Flow, call: Call, name: string): boolean {
  const fn = enclosingFunction(call);
  if (isOfState(flow, call, name)) return true;
  const chat = enclosingLoops(call).find((loop) => isChat(flow, loop));
  // begun anew with each question: it grows with the steps of one answer only
  if (chat && isBegunIn(chat, name)) return false;
  if (chat && growingLists(chat).has(name)) return true;
  if (!fn) return false;
  if (!growingLists(fn.body).has(name))
    return isHandler(flow, fn) && growingLists(flow.moduleOf(call).body).has(name);
  // an agent's steps within one run are another matter
  return !enclosingLoops(call).some((loop) => contains(fn, loop));
}

/** `messages = [{"role": "user", "content": question}]` in the loop. */
function isBegunIn(loop: Loop, name: string): boolean {
  return descendants(loop, 'assign', true).some(
    ({ targets, operator, value }) =>
      operator === null &&
      targets[0]?.kind === 'name' &&
      targets[0].name === name &&
      value?.kind === 'sequence' &&
      !descendants(value, 'name').some((one) => one.name === name) &&
      enclosingLoops(value)[0] === loop &&
      !isOnlySometimes(value, loop),
  );
}

/** `if question == "/new": messages = []` begins anew now and then. */
function isOnlySometimes(node: Node, loop: Loop): boolean {
  return [...ancestors(node)].some((parent) => parent.kind === 'if' && contains(loop, parent));
}

/** Names by which a program bounds what it sends; what a prompt asks for (`Summarise this text`) bounds nothing. */
const BOUNDS =
  /trim_?\w*(?:messages|history|conversation|context)|trimm|summar[iy]|truncat|prune|compact|count_?tokens|num_?tokens|token_?count|.window|window./i;

function isBounded(module: Module): boolean {
  return (
    module.functions.some(({ name }) => name !== null && BOUNDS.test(name)) ||
    descendants(module.body, 'name').some(({ name }) => BOUNDS.test(name)) ||
    descendants(module.body, 'member').some(({ property }) => BOUNDS.test(property))
  );
}

/** Something shortens the list, resets it, or counts it. */
function isTrimmed(flow: Flow, module: Module, name: string): boolean {
  const isList = (node: Node): boolean => rootNameOf(node) === name;
  if (isBounded(module)) return true;
  // `trim(messages)`, whatever the function calls the list
  const isHandedOver = module.calls.some((call) =>
    flow.targets(call).some((target) =>
      call.args.some((argument, at) => {
        const parameter = target.parameters[at]?.name;
        return isList(argument.value) && parameter !== undefined && shortensIn(target, parameter);
      }),
    ),
  );
  if (isHandedOver) return true;
  const shortens = module.calls.some(
    ({ callee }) =>
      callee.kind === 'member' &&
      /^(?:pop|popleft|shift|splice|slice|clear|remove|filter)$/.test(callee.property) &&
      isList(callee.object),
  );
  if (shortens) return true;
  const measured = module.calls.some(
    ({ callee, args, parent }) =>
      callee.kind === 'name' &&
      callee.name === 'len' &&
      args[0] &&
      isList(args[0].value) &&
      parent?.kind === 'binary' &&
      // `len(messages) == 0` only asks whether the talk has begun
      ![parent.left, parent.right].some(
        (side) => side.kind === 'literal' && typeof side.value === 'number' && side.value <= 2,
      ),
  );
  if (measured) return true;
  const sliced = descendants(module.body, 'index').some(
    ({ object, index }) => index.kind === 'slice' && isList(object),
  );
  if (sliced || descendants(module.body, 'delete').some(({ targets }) => targets.some(isList))) return true;
  return (
    /\.length\s*>/.test(module.text) &&
    descendants(module.body, 'member').some(({ object, property }) => property === 'length' && isList(object))
  );
}

/** Whether the function's code takes items out of the list, or gives back a part of it. */
function shortensIn(fn: FunctionNode, list: string): boolean {
  return (
    descendants(fn.body, 'call').some(
      ({ callee }) =>
        callee.kind === 'member' &&
        /^(?:pop|popleft|shift|splice|slice|clear|remove)$/.test(callee.property) &&
        rootName(callee.object) === list,
    ) ||
    descendants(fn.body, 'index').some(
      ({ object, index, parent }) =>
        rootName(object) === list && (index.kind === 'slice' || parent?.kind === 'delete'),
    )
  );
}

function rootNameOf(node: Node): string | null {
  return node.kind === 'name' || node.kind === 'member' || node.kind === 'index' ? rootName(node) : null;
}

function fixFor(flow: Flow, module: Module, list: Expr): Fix[] {
  if (list.kind !== 'name' && list.kind !== 'member') return [];
  const text = textOf(module, list);
  // a shorthand `{ messages }` gets its key back
  const key = list.parent?.kind === 'entry' && list.parent.key?.start === list.start ? `${text}: ` : '';
  const instructed = flow
    .values(list)
    .some(
      (value) =>
        value.kind === 'display' &&
        value.node.kind === 'sequence' &&
        value.node.items[0] !== undefined &&
        /role["']?\s*:\s*["'](?:system|developer)/.test(
          textOf(flow.moduleOf(value.node), value.node.items[0]),
        ),
    );
  const python = instructed ? `${text}[:1] + ${text}[1:][-${WINDOW}:]` : `${text}[-${WINDOW}:]`;
  const typescript = instructed
    ? `[...${text}.slice(0, 1), ...${text}.slice(1).slice(-${WINDOW})]`
    : `${text}.slice(-${WINDOW})`;
  return [
    {
      title: {
        en: `Send the last ${WINDOW} messages only`,
        fr: `N’envoyer que les ${WINDOW} derniers messages`,
      },
      edits: () => [replace(list, module.language === 'python' ? python : `${key}${typescript}`)],
    },
  ];
}
