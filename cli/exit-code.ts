/** The command's exit codes: a contract with CI. */
export const ExitCode = { Clean: 0, Findings: 1, Failed: 2 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
