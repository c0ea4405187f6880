import { useState } from 'preact/hooks';
import { useServices } from './services.ts';

/** The SHA-256 of a package: its beginning to look at, all of it to copy. */
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
    <span class="hash">
      <code title={sha256}>{sha256.slice(0, 10)}…</code>
      <button type="button" class="link" onClick={() => void copy()}>
        {isCopied ? 'Copied' : 'Copy'}
        <span class="visually-hidden"> the SHA-256</span>
      </button>
    </span>
  );
};
