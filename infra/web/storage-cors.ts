/** What a page of an allowed origin may do in the bucket of packages: read, also in pieces and only an unchanged one. */
export const STORAGE_CORS = {
  methods: ['GET', 'HEAD'],
  requestHeaders: ['range', 'if-match'],
  exposedHeaders: ['content-disposition', 'content-length', 'content-range', 'etag'],
} as const;
