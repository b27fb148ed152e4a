---The connection with `hotclub lsp`: starts it, has it restarted, asks, and tells what it tells.
---
---There is one client for each project folder; Neovim owns them. Nothing here waits.
local config = require('hotclub.config')
local message = require('hotclub.message')
local protocol = require('hotclub.protocol')
local trust = require('hotclub.trust')

local M = {}

---Name of the clients, as `vim.lsp.get_clients` knows it.
M.name = 'hotclub'

---A server that ended is started again after so many milliseconds each time, and then no more.
M.backoff = { 250, 1000, 2000, 4000, 8000 }

---One that lived for so long is no part of a row of failures.
local healthy_ms = 30000

---@class hotclub.Context
---@field client_id integer
---@field root string
---@field run_id? string

---@alias hotclub.Listener fun(params: any, context: hotclub.Context)

local listeners = {} ---@type table<string, hotclub.Listener[]>

---Calls a function at each event: `tests`, `run_started`, `test_event`, `run_finished`, `notice`,
---`debugger_ready`, `status`, `workers`, `invalidated` with what the server sent (`test_event`: with each
---event of hotclub/testEvents), `attached` with a buffer number when a server is ready for it, `ready`
---when a server is, `refresh` when tests or verdicts have changed, `lost` when a server has ended.
---@param event string
---@param listener hotclub.Listener
---@return fun() off
function M.on(event, listener)
  listeners[event] = listeners[event] or {}
  table.insert(listeners[event], listener)
  return function()
    for i, each in ipairs(listeners[event]) do
      if each == listener then
        table.remove(listeners[event], i)
        return
      end
    end
  end
end

---A listener that fails is told of, and keeps nothing from the others.
---@param event string
---@param params any
---@param context hotclub.Context
local function emit(event, params, context)
  for _, listener in ipairs(vim.list_slice(listeners[event] or {})) do
    local ok, fault = pcall(listener, params, context)
    if not ok then
      message.fail(('at the event %s: %s'):format(event, fault))
    end
  end
end

---What became of the server of a folder.
---@class hotclub.Server
---@field failures integer in a row
---@field started integer milliseconds
---@field buffers table<integer, true> that take part in it
---@field given_up? string why it is not started any more

local servers = {} ---@type table<string, hotclub.Server>

---Folders by client, also when Neovim has forgotten the client.
local roots = {} ---@type table<integer, string>

---Clients that were asked to end, and those that have ended, which Neovim keeps for a moment.
local leaving = {} ---@type table<integer, 'for good'|'restart'|'ended'>

---@param root string
---@return hotclub.Server
local function server_of(root)
  servers[root] = servers[root] or { failures = 0, started = 0, buffers = {} }
  return servers[root]
end

---@param client_id integer
---@return hotclub.Context
local function context_of(client_id)
  return { client_id = client_id, root = roots[client_id] or '' }
end

local function handlers()
  local handle = {}
  for method, event in pairs(protocol.events) do
    handle[method] = function(_, params, context)
      emit(event, params, context_of(context.client_id))
    end
  end
  handle['hotclub/testEvents'] = function(_, params, context)
    local about = context_of(context.client_id)
    about.run_id = params.runId
    for _, event in ipairs(params.events) do
      emit('test_event', event, about)
    end
  end
  -- The server asks to ask again when verdicts or tests have changed, lenses or none.
  handle['workspace/codeLens/refresh'] = function(err, params, context, ...)
    emit('refresh', nil, context_of(context.client_id))
    local own = vim.lsp.handlers['workspace/codeLens/refresh'] -- Neovim's, from 0.12 on
    return own and own(err, params, context, ...) or vim.NIL
  end
  -- Documents of the server are shown without taking the cursor along.
  handle['window/showDocument'] = function(_, params)
    return { success = require('hotclub.output').show_document(params.uri) }
  end
  return handle
end

local function capabilities()
  local all = vim.lsp.protocol.make_client_capabilities()
  all.workspace.codeLens = { refreshSupport = true }
  all.experimental = vim.tbl_extend('force', all.experimental or {}, {
    hotclub = {
      version = protocol.version,
      runEvents = 'all',
      poolEvents = true,
      lenses = config.get().lenses and 'on' or 'off',
      commands = protocol.commands,
      output = 'pull',
      maxEventBatchMs = 20,
    },
  })
  return all
end

---Why a server of another version is of no use, if so.
---@param client vim.lsp.Client
---@return string?
local function mismatch(client)
  local experimental = client.server_capabilities.experimental or {}
  local theirs = (experimental.hotclub or {}).version
  if theirs == protocol.version then
    return nil
  end
  local who = (client.server_info or {}).version or 'of an unknown version'
  return ('"%s" (%s) speaks protocol %s and this plugin %d; install the hotclub that belongs to it, or update it'):format(
    config.get().cmd[1],
    who,
    theirs or 'none',
    protocol.version
  )
end

---@param client vim.lsp.Client
---@param why 'for good'|'restart'
---@param force? boolean without asking it to
local function stop(client, why, force)
  leaving[client.id] = why
  if vim.fn.has('nvim-0.11') == 1 then
    client:stop(force)
  else
    client.stop(force)
  end
end

---@param client vim.lsp.Client
local function on_init(client)
  local root = M.folder(client)
  roots[client.id] = root
  local wrong = mismatch(client)
  if wrong then
    server_of(root).given_up = wrong
    message.fail(wrong)
    vim.schedule(function()
      stop(client, 'for good', true)
    end)
    return
  end
  emit('ready', root, context_of(client.id))
end

---@param client vim.lsp.Client
---@param bufnr integer
local function on_attach(client, bufnr)
  local server = server_of(roots[client.id])
  if server.given_up then
    return
  end
  server.buffers[bufnr] = true
  emit('attached', bufnr, context_of(client.id))
end

---Starts the server of a folder for the buffers that it had.
---@param root string
local function start_again(root)
  local server = server_of(root)
  for bufnr in pairs(server.buffers) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      M.start(bufnr, root)
    else
      server.buffers[bufnr] = nil
    end
  end
end

---What to do when a server has ended without being asked: try again, each time later, and in the end
---tell where to look.
---@param how string
---@param root string
local function recover(how, root)
  local server = server_of(root)
  if vim.uv.now() - server.started > healthy_ms then
    server.failures = 0
  end
  server.failures = server.failures + 1
  local delay = M.backoff[server.failures]
  if delay then
    message.warn(('the server ended %s; it is started again'):format(how))
    vim.defer_fn(function()
      start_again(root)
    end, delay)
    return
  end
  server.given_up = ('"%s" ended %s, %d times in a row; what it said is in %s. :Hotclub restart tries again, :checkhealth hotclub looks closer'):format(
    config.get().cmd[1],
    how,
    server.failures,
    M.log()
  )
  message.fail(server.given_up)
end

---@param code integer
---@param signal integer
---@param client_id integer
---@param root? string that the client was started for
---@param why? 'for good'|'restart'
local function on_exit(code, signal, client_id, root, why)
  root = roots[client_id] or root
  if not root or vim.v.exiting ~= vim.NIL then
    return
  end
  emit('lost', root, { client_id = client_id, root = root })
  roots[client_id] = nil
  if why == 'restart' then
    start_again(root)
  elseif not why and (code ~= 0 or signal ~= 0) then
    recover(signal ~= 0 and ('by signal %d'):format(signal) or ('with status %d'):format(code), root)
  end
end

---The configuration for vim.lsp.start; without a root for vim.lsp.config.
---@param root? string
---@return vim.lsp.ClientConfig
function M.config(root)
  local options = config.get()
  return {
    name = M.name,
    cmd = options.cmd,
    cmd_cwd = root,
    root_dir = root,
    filetypes = { 'python' },
    root_markers = options.root_markers,
    capabilities = capabilities(),
    handlers = handlers(),
    init_options = {
      clientName = M.client_name(),
      python = options.python,
      settings = options.settings,
      startMethod = options.start_method,
    },
    before_init = function(params, configuration)
      local folder = configuration.root_dir or vim.fn.getcwd()
      params.initializationOptions =
        vim.tbl_extend('force', params.initializationOptions or {}, { trusted = trust.has(folder) })
    end,
    on_init = on_init,
    on_attach = on_attach,
    on_exit = function(code, signal, client_id)
      local why = leaving[client_id]
      leaving[client_id] = 'ended'
      vim.schedule(function() -- Neovim calls this outside of its main loop
        on_exit(code, signal, client_id, root, why)
      end)
    end,
  }
end

---Where Neovim keeps what the server wrote to its standard error.
---@return string
function M.log()
  return require('vim.lsp.log').get_filename()
end

---What this Neovim is called in `hotclub status`, and in runs that it asked for.
---@return string
function M.client_name()
  return ('nvim (%d)'):format(vim.fn.getpid())
end

---The project folder of a buffer, if it lies in one.
---@param bufnr integer
---@return string?
function M.root(bufnr)
  local name = vim.api.nvim_buf_get_name(bufnr)
  if name == '' or name:match('^%w+://') then
    return nil
  end
  return vim.fs.root(bufnr, config.get().root_markers)
end

---Why the server of a folder cannot even be tried.
---@param root string
---@return string?
local function obstacle(root)
  local program = config.get().cmd[1]
  if not program or vim.fn.executable(program) == 0 then
    return ('there is no program "%s"; put hotclub on the PATH, or name it: setup({ cmd = { "/path/to/hotclub", "lsp" } })'):format(
      program or ''
    )
  end
  if not vim.uv.fs_stat(root) then
    return ('the folder %s is gone; open the project where it is now'):format(root)
  end
end

---@param root string
---@return vim.lsp.Client[]
local function clients_of(root)
  return vim.tbl_filter(function(client)
    return client.config.root_dir == root and not leaving[client.id]
  end, vim.lsp.get_clients({ name = M.name }))
end

---@param client vim.lsp.Client
---@param wanted vim.lsp.ClientConfig
---@return boolean
local function is_the_same(client, wanted)
  return client.name == wanted.name and client.config.root_dir == wanted.root_dir and not leaving[client.id]
end

---Starts the server of a buffer's project, or lets the buffer join it.
---@param bufnr integer
---@param root? string
---@return integer? client_id
function M.start(bufnr, root)
  root = root or M.root(bufnr)
  if not root then
    return nil
  end
  local server = server_of(root)
  server.buffers[bufnr] = true
  if server.given_up then
    return nil
  end
  server.given_up = obstacle(root)
  if server.given_up then
    message.fail(server.given_up)
    return nil
  end
  if #clients_of(root) == 0 then
    server.started = vim.uv.now()
  end
  return vim.lsp.start(M.config(root), { bufnr = bufnr, reuse_client = is_the_same })
end

---Ends the server of a folder and starts it again, or tries once more after it was given up. The daemon
---and its warm workers stay.
---@param root string
---@param bufnr? integer that takes part in it from now on
function M.reconnect(root, bufnr)
  local server = server_of(root)
  server.given_up, server.failures = nil, 0
  if bufnr then
    server.buffers[bufnr] = true
  end
  local running = clients_of(root)
  for _, client in ipairs(running) do
    stop(client, 'restart')
  end
  if #running == 0 then
    start_again(root)
  end
end

---The client of a buffer; without a buffer that of the current one, else any.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.get(bufnr)
  local found = vim.lsp.get_clients({ name = M.name, bufnr = bufnr or vim.api.nvim_get_current_buf() })
  if #found == 0 and not bufnr then
    found = vim.lsp.get_clients({ name = M.name })
  end
  for _, client in ipairs(found) do
    if not leaving[client.id] then
      return client
    end
  end
end

---The project folder of a client.
---@param server vim.lsp.Client
---@return string
function M.folder(server)
  return server.config.root_dir or vim.fn.getcwd()
end

---Why the server of a buffer is not started any more, if so.
---@param bufnr integer
---@return string?
function M.given_up(bufnr)
  local root = M.root(bufnr)
  return root and server_of(root).given_up
end

---Why there is no server for a buffer, and what to do about it.
---@param bufnr? integer
---@return string
function M.why_not(bufnr)
  bufnr = bufnr or vim.api.nvim_get_current_buf()
  local root = M.root(bufnr)
  if not root then
    return ('no project here: neither this folder nor one above it has %s'):format(
      table.concat(config.get().root_markers, ', ')
    )
  end
  return M.given_up(bufnr) or ('the server of %s is not running; :Hotclub restart starts it'):format(root)
end

---@return boolean whether a server has a feature of hotclub/*
---@param client vim.lsp.Client
---@param feature string
function M.has(client, feature)
  local experimental = client.server_capabilities.experimental or {}
  return vim.tbl_contains((experimental.hotclub or {}).features or {}, feature)
end

---Asks the server of a buffer's project. The answer comes later.
---@param bufnr? integer nil: the current buffer's server, else any
---@param method string
---@param params? table
---@param callback? fun(err: { code?: integer, message: string }?, result: any)
---@return boolean sent
function M.request(bufnr, method, params, callback)
  callback = callback or function() end
  local client = M.get(bufnr)
  if not client then
    callback({ message = M.why_not(bufnr) })
    return false
  end
  return M.request_of(client, method, params, callback)
end

---Asks one server.
---@param client vim.lsp.Client
---@param method string
---@param params? table
---@param callback fun(err: { code?: integer, message: string }?, result: any)
---@return boolean sent
function M.request_of(client, method, params, callback)
  local function answered(err, result)
    callback(err, result)
  end
  local sent
  if vim.fn.has('nvim-0.11') == 1 then
    sent = client:request(method, params, answered)
  else
    sent = client.request(method, params, answered)
  end
  if not sent then
    callback({ message = 'the server has just ended; try again' })
  end
  return sent
end

trust.on_grant(function()
  local options = config.get()
  for _, client in ipairs(vim.lsp.get_clients({ name = M.name })) do
    if trust.has(M.folder(client)) then
      M.request_of(client, 'hotclub/configure', {
        trusted = true,
        python = options.python,
        settings = options.settings,
        startMethod = options.start_method,
      }, function(err)
        if err then
          message.fail('the server was not told that the project is trusted: ' .. err.message)
        end
      end)
    end
  end
end)

return M
