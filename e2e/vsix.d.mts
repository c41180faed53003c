export function unpack(vsix: string, folder: string): string;
