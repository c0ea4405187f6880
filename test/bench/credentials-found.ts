interface SdkClient {
  readonly config: { readonly credentials: () => Promise<unknown> };
}

/** Lets SDK clients load what they look for credentials with, which a function that is warm has long done. */
export const credentialsFound = async (...clients: readonly SdkClient[]): Promise<void> => {
  await Promise.all(clients.map(({ config }) => config.credentials()));
};
