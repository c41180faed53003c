/** Between the protocol's URIs and the engine's paths (absolute, forward slashes). */
import { URI } from 'vscode-uri';

/** Extension that tells the engine a document's dialect, by the protocol's language id. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  python: '.py',
  typescript: '.ts',
  typescriptreact: '.tsx',
  javascript: '.js',
  javascriptreact: '.jsx',
  vue: '.vue',
  svelte: '.svelte',
};

const KNOWN_EXTENSION = /\.(?:pyi?|ipynb|[cm]?[jt]s|[jt]sx|vue|svelte)$/i;

/**
 * The engine's path of a document. A document without a file (`untitled:`) gets a path of its own inside `folder`, so
 * that the folder's configuration holds for it; one whose name has no telling extension gets the one of its language.
 */
export function toPath(uri: string, languageId?: string, folder = ''): string {
  const parsed = URI.parse(uri);
  let path: string;
  if (parsed.scheme === 'file') path = forward(parsed.fsPath);
  else path = `${folder}/.${parsed.scheme}/${[parsed.authority, parsed.path].join('/').replace(/^\/+/, '')}`;
  const extension = languageId === undefined ? undefined : EXTENSIONS[languageId];
  return extension !== undefined && !KNOWN_EXTENSION.test(path) ? path + extension : path;
}

export function toUri(path: string): string {
  return URI.file(path).toString();
}

/** A backslash is a separator on Windows only; elsewhere it is a character of the name. */
function forward(path: string): string {
  return /^(?:[a-z]:|\\\\)/i.test(path) ? path.replace(/\\/g, '/') : path;
}
