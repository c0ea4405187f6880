import { useId, useState } from 'preact/hooks';

interface DropZoneProps {
  readonly onFile: (file: File) => void;
  /** Which file to choose, where more can be said than that it is a package. */
  readonly hint: string;
}

/** Where a package is dropped or chosen; the file stays on this machine. */
export const DropZone = ({ onFile, hint }: DropZoneProps) => {
  const [isOver, setOver] = useState(false);
  const hintId = useId();
  const take = (files: FileList | null | undefined): void => {
    const file = files?.item(0);
    if (file instanceof File) onFile(file);
  };
  return (
    <div
      class={isOver ? 'drop-zone over' : 'drop-zone'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <h2>Open a package</h2>
      <p id={hintId}>{hint}</p>
      <label class="file-choice">
        <span>Choose a file, or drop it here</span>
        <input
          type="file"
          accept=".zip,application/zip"
          aria-describedby={hintId}
          onChange={({ currentTarget }) => {
            take(currentTarget.files);
            currentTarget.value = '';
          }}
        />
      </label>
      <p class="quiet">It is read on this device only. Nothing of it is sent anywhere.</p>
    </div>
  );
};
