-- neotest's tree, as far as adapters use it.
local Tree = {}
Tree.__index = Tree

function Tree.from_list(list, key)
  local tree = setmetatable({ position = list[1], below = {}, key = key }, Tree)
  for i = 2, #list do
    table.insert(tree.below, Tree.from_list(list[i], key))
  end
  return tree
end

function Tree:data()
  return self.position
end

function Tree:children()
  return self.below
end

function Tree:nodes()
  local all = { self }
  for _, child in ipairs(self.below) do
    vim.list_extend(all, child:nodes())
  end
  return all
end

function Tree:iter_nodes()
  return ipairs(self:nodes())
end

function Tree:iter()
  local positions = {}
  for i, node in ipairs(self:nodes()) do
    positions[i] = node.position
  end
  return ipairs(positions)
end

function Tree:get_key(key)
  for _, node in self:iter_nodes() do
    if self.key(node.position) == key then
      return node
    end
  end
end

return { Tree = Tree }
