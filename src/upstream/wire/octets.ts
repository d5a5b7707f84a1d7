/** The octets that HTTP is made of (RFC 9110, 5.6). */
export const [LF, CR, SPACE, COLON, ZERO] = [0x0a, 0x0d, 0x20, 0x3a, 0x30];
const [TAB, NINE] = [0x09, 0x39];

const tableOf = (holds: (octet: number) => boolean): Uint8Array => Uint8Array.from({ length: 256 }, (_, octet) => (holds(octet) ? 1 : 0));

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** 1 for what a token is made of: names of headers. */
export const IN_TOKEN = tableOf((octet) => TOKEN.test(String.fromCharCode(octet)));

/** 1 for what the value of a header is made of, spaces and tabs included. */
export const IN_VALUE = tableOf((octet) => octet === TAB || (octet >= SPACE && octet !== 0x7f));

/** Whether an octet is a space or a tab. */
export const isBlank = (octet: number | undefined): boolean => octet === SPACE || octet === TAB;

/** Whether an octet is a digit. */
export const isDigit = (octet: number | undefined): boolean => octet !== undefined && octet >= ZERO && octet <= NINE;
