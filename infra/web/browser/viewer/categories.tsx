import { categoryTree, type CategoryBranch } from './category-tree.ts';
import { counted } from './figures.ts';
import type { ShownCategory } from './protocol.ts';

type OnShow = (categoryId: string) => void;

const Branch = ({ branch, onShow }: { readonly branch: CategoryBranch; readonly onShow: OnShow }) => {
  const { id, name, type, icon, rules } = branch.category;
  return (
    <li>
      <div class="category">
        <span>
          {icon !== '' && <span aria-hidden="true">{icon.slice(0, 16)} </span>}
          <bdi>{name === '' ? id : name}</bdi>{' '}
          <span class="quiet">
            {[type.toLowerCase(), rules > 0 ? counted(rules, 'rule') : ''].filter(Boolean).join(', ')}
          </span>
        </span>
        <button type="button" class="small" onClick={() => onShow(id)}>
          Show transactions<span class="visually-hidden"> of {name}</span>
        </button>
      </div>
      {branch.children.length > 0 && <Branches branches={branch.children} onShow={onShow} />}
    </li>
  );
};

const Branches = ({ branches, onShow }: { branches: readonly CategoryBranch[]; onShow: OnShow }) => (
  <ul class="category-tree">
    {branches.map((branch) => (
      <Branch key={branch.category.id} branch={branch} onShow={onShow} />
    ))}
  </ul>
);

/** The categories, each below the one it belongs to. */
export const Categories = (props: {
  readonly categories: readonly ShownCategory[];
  readonly onShow: OnShow;
}) => (
  <section class="card">
    <h2>Categories</h2>
    {props.categories.length === 0 ? (
      <p class="quiet">No categories are in this package.</p>
    ) : (
      <Branches branches={categoryTree(props.categories)} onShow={props.onShow} />
    )}
  </section>
);
