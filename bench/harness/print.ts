/** Takes what is found, as lines of Markdown. */
export type Print = (text: string) => void;

/** What was printed, and a printer that shows it as it comes. */
export function printer(): { readonly print: Print; readonly text: () => string } {
  const lines: string[] = [];
  return {
    print(text) {
      lines.push(text);
      console.log(text);
    },
    text: () => `${lines.join('\n')}\n`,
  };
}
