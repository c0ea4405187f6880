declare module '*.css';

declare module 'worker:*' {
  /** The bundled code of a worker, as text to make a blob of. */
  export const source: string;
}
