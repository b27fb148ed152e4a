---Which projects a person has said may be imported and started. Nothing of another one is.
local config = require('hotclub.config')
local message = require('hotclub.message')

local M = {}

---Projects that were declined since Neovim started: they are not asked about at every key.
local declined = {} ---@type table<string, true>

local function store()
  return vim.fs.joinpath(vim.fn.stdpath('data'), 'hotclub', 'trusted.json')
end

---The same project has one name, whichever link led to it.
---@param root string
---@return string
local function real(root)
  return vim.uv.fs_realpath(root) or vim.fs.normalize(root)
end

---@return string[] roots that were trusted, in this or an earlier session
function M.remembered()
  local file = io.open(store(), 'r')
  if not file then
    return {}
  end
  local text = file:read('*a')
  file:close()
  local ok, roots = pcall(vim.json.decode, text)
  if not ok or type(roots) ~= 'table' then
    message.warn(store() .. ' cannot be read, so no project counts as trusted; remove it, and answer once more')
    return {}
  end
  return roots
end

---@param roots string[]
local function remember(roots)
  vim.fn.mkdir(vim.fs.dirname(store()), 'p', 448) -- 0700
  local file, fault = io.open(store(), 'w')
  if not file then
    message.warn(('the trust is good for this session only: %s'):format(fault))
    return
  end
  file:write(vim.json.encode(roots))
  file:close()
end

local session = {} ---@type table<string, true>

---@param root string
---@return boolean
function M.has(root)
  root = real(root)
  local trusted = config.get().trusted
  if trusted == true or session[root] then
    return true
  end
  if type(trusted) == 'function' then
    return trusted(root) and true or false
  end
  if type(trusted) == 'table' then
    for _, each in ipairs(trusted) do
      if real(vim.fn.expand(each)) == root then
        return true
      end
    end
  end
  return vim.tbl_contains(M.remembered(), root)
end

local listeners = {} ---@type fun()[]

---Calls a function when a project has become a trusted one.
---@param listener fun()
function M.on_grant(listener)
  table.insert(listeners, listener)
end

---@param root string
function M.grant(root)
  root = real(root)
  session[root], declined[root] = true, nil
  local roots = M.remembered()
  if not vim.tbl_contains(roots, root) then
    table.insert(roots, root)
    remember(roots)
  end
  for _, listener in ipairs(listeners) do
    listener()
  end
end

---Takes the trust back. A server that was told of it keeps it for as long as the connection lasts.
---@param root string
function M.revoke(root)
  root = real(root)
  session[root], declined[root] = nil, true
  remember(vim.tbl_filter(function(each)
    return each ~= root
  end, M.remembered()))
end

---Asks a person once whether a project may be started, and goes on if it may.
---@param root string
---@param go_on fun()
---@param refused? fun()
function M.ask(root, go_on, refused)
  refused = refused or function() end
  if M.has(root) then
    return go_on()
  end
  if declined[real(root)] then
    message.warn(('%s is not trusted, so nothing of it runs; :Hotclub trust changes that'):format(root))
    return refused()
  end
  vim.ui.select({ 'Trust this project', 'Not now' }, {
    prompt = ('Running tests executes the code of %s.'):format(root),
    kind = 'hotclub_trust',
  }, function(_, choice)
    if choice == 1 then
      M.grant(root)
      go_on()
    else
      declined[real(root)] = true
      message.info('nothing was run; :Hotclub trust trusts the project')
      refused()
    end
  end)
end

return M
