---What a person may choose. The values hold from setup() on, or as they stand here.
local M = {}

---@class hotclub.Quickfix
---@field fill boolean the list is made of the failures of each run of this editor
---@field open boolean its window opens when there are some
---@field frames boolean every frame of the project, not only the innermost

---@class hotclub.Output
---@field height integer lines of the window of :Hotclub output
---@field enter boolean the cursor goes there

---@class hotclub.Sign
---@field text string at most two cells
---@field highlight string

---@class hotclub.Config
---@field cmd string[] the program and its arguments
---@field autostart boolean the server starts with the first Python file of a project
---@field root_markers string[] a folder with one of these is a project
---@field trusted boolean|string[]|fun(root: string): boolean projects that need not be asked about; true: all
---@field python? string interpreter; stronger than hotclub.toml and pyproject.toml, as the next two
---@field settings? string settings module
---@field start_method? 'auto'|'fork'|'spawn'
---@field save 'current'|'all'|false buffers that are written before a run: the test's, all of the project, none
---@field lenses boolean
---@field signs boolean|table<string, hotclub.Sign> by state; true: these below
---@field virtual_text boolean|'auto' the last verdict behind a test; auto: unless a lens says it already
---@field failure_text boolean|'auto' the failure at its line; auto: unless the diagnostic's text is shown there
---@field messages boolean one line with the counts when a run of this editor has ended
---@field quickfix hotclub.Quickfix
---@field output hotclub.Output
---@field just_my_code boolean a debugger steps over the code of libraries
---@field coverage_branches boolean
M.defaults = {
  cmd = { 'hotclub', 'lsp' },
  autostart = true,
  root_markers = { 'manage.py', 'hotclub.toml', 'pyproject.toml' },
  trusted = false,
  save = 'current',
  lenses = false,
  signs = true,
  virtual_text = 'auto',
  failure_text = 'auto',
  messages = true,
  quickfix = { fill = true, open = false, frames = false },
  output = { height = 12, enter = false },
  just_my_code = true,
  coverage_branches = false,
}

local current = M.defaults

---What each option may be: type names of Lua, or a list of values.
local shapes = {
  cmd = { 'table' },
  autostart = { 'boolean' },
  root_markers = { 'table' },
  trusted = { 'boolean', 'table', 'function' },
  python = { 'string' },
  settings = { 'string' },
  start_method = { values = { 'auto', 'fork', 'spawn' } },
  save = { values = { 'current', 'all', false } },
  lenses = { 'boolean' },
  signs = { 'boolean', 'table' },
  virtual_text = { values = { true, false, 'auto' } },
  failure_text = { values = { true, false, 'auto' } },
  messages = { 'boolean' },
  quickfix = { 'table' },
  output = { 'table' },
  just_my_code = { 'boolean' },
  coverage_branches = { 'boolean' },
}

---@param name string
---@param value any
---@return string? fault
local function fault(name, value)
  local shape = shapes[name]
  if not shape then
    local known = vim.tbl_keys(shapes)
    table.sort(known)
    return ('there is no option "%s"; there are %s'):format(name, table.concat(known, ', '))
  end
  if shape.values and not vim.tbl_contains(shape.values, value) then
    return ('%s is %s, and must be one of %s'):format(name, vim.inspect(value), vim.inspect(shape.values))
  end
  if not shape.values and not vim.tbl_contains(shape, type(value)) then
    return ('%s is %s, and must be a %s'):format(name, vim.inspect(value), table.concat(shape, ' or '))
  end
end

---Sets options; those that are left out have their defaults. What is wrong with one is told, and the
---others hold.
---@param options? table
---@return string[] faults
function M.set(options)
  local good, faults = {}, {}
  for name, value in pairs(options or {}) do
    local wrong = fault(name, value)
    if wrong then
      table.insert(faults, wrong)
    else
      good[name] = value
    end
  end
  current = vim.tbl_deep_extend('force', vim.deepcopy(M.defaults), good)
  -- A list is taken as a whole: merged, a shorter one would keep the end of the default.
  for _, name in ipairs({ 'cmd', 'root_markers' }) do
    current[name] = good[name] or M.defaults[name]
  end
  table.sort(faults)
  return faults
end

---@return hotclub.Config
function M.get()
  return current
end

return M
