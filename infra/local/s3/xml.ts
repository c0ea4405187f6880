import { S3Error } from './s3-error.ts';

export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const NAMED_ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const malformed = (): S3Error =>
  new S3Error(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

const escapeXml = (text: string): string =>
  // Keys may hold control characters, which must not stand bare in XML.
  text.replace(/[&<>"'\u0000-\u001f]/g, (character) => `&#${character.charCodeAt(0)};`);

/** `<name>value</name>` with the value escaped. */
export const textElement = (name: string, value: string | number | boolean): string =>
  `<${name}>${escapeXml(String(value))}</${name}>`;

/** `<name>...</name>` around elements that are XML already. */
export const element = (name: string, ...children: readonly string[]): string =>
  `<${name}>${children.join('')}</${name}>`;

/** A whole answer document in the namespace of S3. */
export const xmlDocument = (root: string, ...children: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${children.join('')}</${root}>`;

/** The error document, which has no namespace. */
export const errorDocument = (fields: Readonly<Record<string, string>>): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', ...Object.entries(fields).map(([name, value]) => textElement(name, value)))}`;

const unescapeXml = (text: string): string =>
  text.replace(/&([^;&]*);?/g, (entity, name: string) => {
    const character = NAMED_ENTITIES[name] ?? numericEntity(name);
    if (character === undefined || !entity.endsWith(';')) throw malformed();
    return character;
  });

const numericEntity = (name: string): string | undefined => {
  const digits = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
  if (digits === null) return undefined;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
};

const decodeUtf8 = (body: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw malformed();
  }
};

/**
 * Parses the small documents clients send: elements and text; attributes are read over, DOCTYPE is refused.
 * Throws S3Error `MalformedXML`, also when the root has another name.
 */
export const parseXml = (body: Uint8Array, rootName: string): XmlElement => {
  const source = decodeUtf8(body).replace(/^\s*<\?xml[^>]*\?>/, '');
  const top: XmlElement = { name: '', children: [], text: '' };
  const open: XmlElement[] = [top];
  const token = /<!--[^]*?-->|<(\/?)(?:\w+:)?([\w.-]+)(?:\s[^<>]*?)?(\/?)>|([^<]+)/y;
  while (token.lastIndex < source.length) {
    const match = token.exec(source);
    const current = open.at(-1);
    if (match === null || current === undefined) throw malformed();
    const [, closing, name, selfClosing, text] = match;
    if (text !== undefined) current.text += unescapeXml(text);
    else if (closing === '/') {
      if (open.pop()?.name !== name || current === top) throw malformed();
    } else if (name !== undefined) {
      const child: XmlElement = { name, children: [], text: '' };
      current.children.push(child);
      if (selfClosing !== '/') open.push(child);
    }
  }
  const [root, ...others] = top.children;
  if (open.length !== 1 || root?.name !== rootName || others.length > 0 || top.text.trim() !== '')
    throw malformed();
  return root;
};

/** All direct children of that name. */
export const childrenNamed = (parent: XmlElement, name: string): XmlElement[] =>
  parent.children.filter((child) => child.name === name);

/** Text of the only child of that name; undefined when there is none. Throws S3Error `MalformedXML` when there are several. */
export const optionalText = (parent: XmlElement, name: string): string | undefined => {
  const [child, ...others] = childrenNamed(parent, name);
  if (others.length > 0) throw malformed();
  return child?.text;
};

/** Text of the only child of that name. Throws S3Error `MalformedXML` when there is not exactly one. */
export const requiredText = (parent: XmlElement, name: string): string => {
  const text = optionalText(parent, name);
  if (text === undefined) throw malformed();
  return text;
};

/** Throws S3Error `MalformedXML` when the parent holds elements beyond those named. */
export const refuseOtherChildren = (parent: XmlElement, ...names: readonly string[]): void => {
  if (parent.children.some((child) => !names.includes(child.name))) throw malformed();
};
