---:Hotclub and what follows it, and the server's commands that the editor carries out.
local client = require('hotclub.client')
local message = require('hotclub.message')
local output = require('hotclub.output')
local protocol = require('hotclub.protocol')
local runs = require('hotclub.runs')
local tests = require('hotclub.tests')
local trust = require('hotclub.trust')
local watch = require('hotclub.watch')

local M = {}

---@class hotclub.Command
---@field run fun(arguments: string[], bang: boolean)
---@field complete? fun(): string[]

local function here()
  return vim.api.nvim_get_current_buf()
end

---@param act fun(server: vim.lsp.Client)
local function with_server(act)
  local server = client.get(nil)
  if not server then
    return message.fail(client.why_not(here()))
  end
  act(server)
end

---@param act fun(server: vim.lsp.Client, item: hotclub.Item)
local function with_nearest(act)
  tests.nearest(here(), function(err, item)
    if err then
      return message.fail(err.message)
    end
    with_server(function(server)
      act(server, item)
    end)
  end)
end

---What tests are called that can be named: those of the buffer.
---@return string[]
local function labels()
  return vim.tbl_map(function(item)
    return item.label
  end, tests.of(here()))
end

---What is to be run when a command is called with labels, or without.
---@param arguments string[]
---@return hotclub.Select?
local function labelled_or_nearest(arguments)
  if #arguments > 0 then
    return { labels = arguments }
  end
  local place = tests.cursor(here())
  if not place then
    message.fail(client.why_not(here()))
    return nil
  end
  return { nearest = place }
end

local function restart()
  local bufnr = here()
  local root = client.root(bufnr)
  if not client.get(bufnr) then
    if not root then
      return message.fail(client.why_not(bufnr))
    end
    return client.reconnect(root, bufnr)
  end
  client.request(bufnr, 'hotclub/restart', { dir = root }, function(err, answer)
    if err then
      return message.fail('the workers were not restarted: ' .. err.message)
    end
    message.flash('hotclub: new workers for ' .. table.concat(answer.roots, ', '))
  end)
end

---@param revoke boolean
local function set_trust(revoke)
  local root = client.root(here())
  if not root then
    return message.fail(client.why_not(here()))
  end
  if revoke then
    trust.revoke(root)
    client.reconnect(root, here())
  else
    trust.grant(root)
  end
  message.flash(('hotclub: %s: %s'):format(revoke and 'not trusted any more' or 'trusted', root))
end

---@type table<string, hotclub.Command>
M.all = {
  affected = {
    run = function(arguments)
      runs.start({ affected = arguments[1] or 'sinceLastRun' })
    end,
    complete = function()
      return { 'HEAD', 'main' }
    end,
  },
  cancel = { run = runs.cancel },
  clear = {
    run = function()
      require('hotclub.verdicts').clear()
      require('hotclub.coverage').clear()
    end,
  },
  coverage = {
    run = function(arguments)
      local select = #arguments > 0 and { labels = arguments } or { uri = vim.uri_from_bufnr(here()) }
      require('hotclub.coverage').start(select, here())
    end,
    complete = labels,
  },
  debug = {
    run = function(arguments, bang)
      local select = labelled_or_nearest(arguments)
      if select then
        require('hotclub.dap').start(select, { stop_on_failure = bang or nil })
      end
    end,
    complete = labels,
  },
  explain = {
    run = function()
      with_nearest(function(server, item)
        output.explain(server, item.id)
      end)
    end,
  },
  failed = {
    run = function(_, bang)
      runs.start({ failed = true, uri = bang and vim.uri_from_bufnr(here()) or nil })
    end,
  },
  file = {
    run = function()
      runs.start({ uri = vim.uri_from_bufnr(here()) }, { bufnr = here() })
    end,
  },
  last = {
    run = function()
      runs.start({ last = true })
    end,
  },
  log = {
    run = function()
      vim.cmd.tabedit(vim.fn.fnameescape(client.log()))
    end,
  },
  nearest = {
    run = function()
      runs.nearest()
    end,
  },
  output = {
    run = function()
      with_nearest(function(server, item)
        output.follow(server, item.id)
      end)
    end,
  },
  quickfix = {
    run = function()
      vim.cmd('botright copen')
    end,
  },
  restart = { run = restart },
  run = {
    run = function(arguments)
      runs.start(#arguments > 0 and { labels = arguments } or { all = true })
    end,
    complete = labels,
  },
  status = {
    run = function()
      with_server(function(server)
        output.ask(server, 'hotclub.status')
      end)
    end,
  },
  trust = {
    run = function(_, bang)
      set_trust(bang)
    end,
  },
  watch = {
    run = function()
      watch.toggle(here())
    end,
  },
}

---Carries out :Hotclub.
---@param call { fargs: string[], bang: boolean } as nvim_create_user_command hands it over
function M.execute(call)
  local arguments = vim.list_slice(call.fargs)
  local name = table.remove(arguments, 1) or 'nearest'
  local command = M.all[name]
  if not command then
    local known = vim.tbl_keys(M.all)
    table.sort(known)
    return message.fail(('there is no :Hotclub %s; there are %s'):format(name, table.concat(known, ', ')))
  end
  command.run(arguments, call.bang)
end

---@param lead string what is being completed
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(line:gsub('^.-Hotclub!?%s*', ''), '%s+', { trimempty = true })
  local candidates
  if #words == 0 or #words == 1 and lead ~= '' then
    candidates = vim.tbl_keys(M.all)
  else
    local command = M.all[words[1]]
    candidates = command and command.complete and command.complete() or {}
  end
  candidates = vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
  table.sort(candidates)
  return candidates
end

---What a lens or a code action is about.
---@param target { id?: string, ids?: string[], labels?: string[], uri?: string, position?: hotclub.Position, since?: string }
---@return hotclub.Select
local function named(target)
  if target.id or target.ids then
    return { ids = target.ids or { target.id } }
  end
  return target.labels and { labels = target.labels } or { all = true }
end

---How the server's commands are carried out here, by name: the tests that they run.
---@type table<string, fun(target: table): hotclub.Select>
local selections = {
  ['hotclub.run'] = named,
  ['hotclub.runNearest'] = function(target)
    return { nearest = { uri = target.uri, position = target.position } }
  end,
  ['hotclub.runFile'] = function(target)
    return { uri = target.uri }
  end,
  ['hotclub.runFailed'] = function(target)
    return { failed = true, uri = target.uri }
  end,
  ['hotclub.runAffected'] = function(target)
    return { affected = target.since or 'sinceLastRun', uri = target.uri }
  end,
  ['hotclub.runLast'] = function()
    return { last = true }
  end,
}

---@param target table
---@param bufnr integer
local function copy(target, bufnr)
  client.request(bufnr, 'hotclub/command', { ids = target.ids or { target.id } }, function(err, answer)
    if err then
      return message.fail('there is no command to copy: ' .. err.message)
    end
    vim.fn.setreg('"', answer.text)
    if vim.fn.has('clipboard') == 1 then
      vim.fn.setreg('+', answer.text)
    end
    message.flash('copied: ' .. answer.text)
  end)
end

---@param command { command: string, arguments?: any[] }
---@param context { bufnr: integer }
local function carry_out(command, context)
  local target = (command.arguments or {})[1] or {}
  if type(target) == 'string' then
    target = { id = target }
  end
  local bufnr = context.bufnr or here()
  if command.command == 'hotclub.toggleWatch' then
    watch.toggle(target.uri and vim.uri_to_bufnr(target.uri) or bufnr)
  elseif command.command == 'hotclub.debug' then
    require('hotclub.dap').start(named(target), { bufnr = bufnr })
  elseif command.command == 'hotclub.copyCommand' then
    copy(target, bufnr)
  else
    runs.start(selections[command.command](target), { bufnr = bufnr, params = { cold = target.cold } })
  end
end

for _, name in ipairs(protocol.commands) do
  vim.lsp.commands[name] = carry_out
end

return M
