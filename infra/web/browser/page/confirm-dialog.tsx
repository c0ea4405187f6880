import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

interface ConfirmDialogProps {
  readonly title: string;
  readonly confirm: string;
  readonly keep: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something that cannot be undone. The focus begins on the harmless answer, and returns to where it was. */
export const ConfirmDialog = ({ title, confirm, keep, onConfirm, onClose, children }: ConfirmDialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const harmless = useRef<HTMLButtonElement>(null);
  const titleId = useId();
  // At once: a key that is pressed as soon as the dialog is there is meant for it.
  useLayoutEffect(() => {
    dialog.current?.showModal();
    harmless.current?.focus();
  }, []);
  return (
    <dialog class="confirm" ref={dialog} aria-labelledby={titleId} onClose={onClose}>
      <h2 id={titleId}>{title}</h2>
      {children}
      <div class="buttons">
        <button type="button" ref={harmless} onClick={() => dialog.current?.close()}>
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
