interface SaveFilePickerOptions {
  readonly suggestedName: string;
}

/** The File System API, where the browser has it; not in TypeScript's own types. */
declare global {
  interface Window {
    showSaveFilePicker?(options: SaveFilePickerOptions): Promise<FileSystemFileHandle>;
  }
}

export const canPickFile = (): boolean => window.showSaveFilePicker !== undefined;

/** Asks where to save; undefined where the person changed their mind. */
export const pickFile = async (suggestedName: string): Promise<FileSystemFileHandle | undefined> => {
  try {
    return await window.showSaveFilePicker?.({ suggestedName });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw error;
  }
};
