---What the server says is in a file, in neotest's shape: nested lists, each with its own position first.
local M = {}

---@class hotclub.neotest.Position: neotest.Position
---@field hotclub string id of the item, for the server

local types = { file = 'file', class = 'namespace', test = 'test', case = 'test' }

---neotest's id of an item: the path of its file, and what is inside of that.
---@param path string
---@param id string the server's
---@return string
function M.id(path, id)
  local inside = id:match('::(.*)$')
  return inside and path .. '::' .. inside or path
end

---A place of LSP as neotest has it: from a line and column to a line and column.
---@param range hotclub.Range
---@return integer[]
local function quadruple(range)
  return { range.start.line, range.start.character, range['end'].line, range['end'].character }
end

---@param inner hotclub.Range
---@param outer? hotclub.Range
---@return boolean
local function lies_in(inner, outer)
  return outer ~= nil and inner.start.line >= outer.start.line and inner['end'].line <= outer['end'].line
end

---The range of an item, if it has lines of its own: a test that is inherited or generated has none, and
---neotest shows it below its class.
---@param item hotclub.Item
---@param parent? hotclub.Item
---@return integer[]?
local function range_of(item, parent)
  if item.kind == 'file' then
    return quadruple(item.range)
  end
  local own = item.range
    and parent
    and item.uri == parent.uri
    and (parent.kind == 'file' or lies_in(item.range, parent.range))
  return own and quadruple(item.range) or nil
end

---@param list table[] nested
---@return integer
local function line_of(list)
  return list[1].range and list[1].range[1] or math.huge
end

---Children in the order of their lines, those without any at the end.
---@param list table[]
local function sort(list)
  local order = {} ---@type table<table, integer>
  for i, child in ipairs(list) do
    order[child] = i
  end
  local children = vim.list_slice(list, 2)
  table.sort(children, function(a, b)
    local one, other = line_of(a), line_of(b)
    if one == other then
      return order[a] < order[b]
    end
    return one < other
  end)
  for i, child in ipairs(children) do
    list[i + 1] = child
    sort(child)
  end
end

---@param path string of the file, as neotest has it
---@param items hotclub.Item[] of the file, parents before children
---@return table[]? list for neotest.types.Tree.from_list; nil for a file without tests
function M.list(path, items)
  local lists, by_id = {}, {} ---@type table<string, table[]>, table<string, hotclub.Item>
  local root, has_tests
  for _, item in ipairs(items) do
    local above, parent = lists[item.parent], by_id[item.parent]
    local list = {
      {
        id = M.id(path, item.id),
        type = types[item.kind],
        name = item.name,
        path = path,
        range = range_of(item, parent),
        hotclub = item.id,
      },
    }
    if item.kind == 'file' then
      root = list
    elseif above then
      table.insert(above, list)
      if item.kind == 'case' then -- what a method was multiplied to: it is a group of tests
        above[1].type = 'namespace'
      end
      has_tests = has_tests or list[1].type == 'test'
    end
    lists[item.id], by_id[item.id] = list, item
  end
  if not root or not has_tests then
    return nil
  end
  sort(root)
  return root
end

return M
