import { useState } from 'preact/hooks';
import { useServices } from './services.ts';

/** The SHA-256 of a package: short to look at, whole to copy. */
export const CopyHash = ({ sha256 }: { readonly sha256: string }) => {
  const { announce } = useServices();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(sha256);
    setIsCopied(true);
    announce('The SHA-256 has been copied.');
    setTimeout(() => setIsCopied(false), 3000);
  };
  return (
    <button type="button" class="link" title={sha256} onClick={() => void copy()}>
      <span class="visually-hidden">Copy the </span>SHA-256{' '}
      <code aria-hidden="true">{sha256.slice(0, 8)}…</code> {isCopied ? 'copied' : 'copy'}
    </button>
  );
};
