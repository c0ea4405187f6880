import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type Check = (value: unknown) => string[];

/** Compiles schemas of draft 2020-12, formats included; refuses keywords that mean nothing. */
export const createAjv = (): Ajv2020 => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  addFormats.default(ajv);
  return ajv;
};

/** What is wrong with a value, in a line for each error; nothing when it is as the schema says. */
export const checkOf = (ajv: Ajv2020, schema: object): Check => {
  const validate = ajv.compile(schema);
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
        );
};
