import type { ComponentChildren, RefObject } from 'preact';
import { useId } from 'preact/hooks';

interface ConfirmDialogProps {
  /** Opened by its `showModal()`. The browser alone knows whether it is open, so that no key comes too early or too late. */
  readonly dialog: RefObject<HTMLDialogElement | null>;
  readonly title: string;
  readonly confirm: string;
  readonly keep: string;
  readonly onConfirm: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something that cannot be undone. The focus begins on the harmless answer, and returns to where it was. */
export const ConfirmDialog = ({ dialog, title, confirm, keep, onConfirm, children }: ConfirmDialogProps) => {
  const titleId = useId();
  return (
    <dialog class="confirm" ref={dialog} aria-labelledby={titleId}>
      <h2 id={titleId}>{title}</h2>
      {children}
      <div class="buttons">
        <button type="button" autoFocus onClick={() => dialog.current?.close()}>
          {keep}
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            dialog.current?.close();
            onConfirm();
          }}
        >
          {confirm}
        </button>
      </div>
    </dialog>
  );
};
