import { useRef } from 'preact/hooks';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { TroubleNotice } from './notice.tsx';
import { useRemoving } from './use-removing.ts';

interface RemoveButtonProps {
  readonly exportId: string;
  readonly isRunning: boolean;
  /** It is certain to go. */
  readonly onAccepted: () => void;
}

const WORDS = {
  running: {
    action: 'Cancel export',
    doing: 'Cancelling …',
    title: 'Cancel this export?',
    text: 'It is stopped, and what has been collected for it is removed. Your data in the application stay as they are.',
    confirm: 'Cancel export',
    keep: 'Let it go on',
  },
  ended: {
    action: 'Delete',
    doing: 'Deleting …',
    title: 'Delete this export?',
    text: 'Its package is removed for good. Your data in the application stay as they are, and you can make a new export at any time.',
    confirm: 'Delete export',
    keep: 'Keep it',
  },
};

/** Cancels a running export, or deletes one that has ended, once the person has confirmed it. */
export const RemoveButton = ({ exportId, isRunning, onAccepted }: RemoveButtonProps) => {
  const { isRemoving, trouble, remove } = useRemoving(exportId, onAccepted);
  const button = useRef<HTMLButtonElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const words = WORDS[isRunning ? 'running' : 'ended'];
  const retry = (): void => {
    button.current?.focus();
    void remove();
  };
  return (
    <>
      <button
        type="button"
        class="danger"
        ref={button}
        aria-disabled={isRemoving}
        onClick={() => {
          if (!isRemoving) dialog.current?.showModal();
        }}
      >
        {isRemoving ? words.doing : words.action}
      </button>
      {trouble === undefined ? null : <TroubleNotice trouble={trouble} onRetry={retry} />}
      <ConfirmDialog
        dialog={dialog}
        title={words.title}
        confirm={words.confirm}
        keep={words.keep}
        onConfirm={() => void remove()}
      >
        <p>{words.text}</p>
      </ConfirmDialog>
    </>
  );
};
