/** Contracts that can't stand together. Each problem names the files. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  constructor(
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(problems.join('\n'), options);
  }
}
