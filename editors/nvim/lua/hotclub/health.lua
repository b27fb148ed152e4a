---:checkhealth hotclub: what is needed, whether it is there, and what to do if not.
local client = require('hotclub.client')
local config = require('hotclub.config')
local protocol = require('hotclub.protocol')
local trust = require('hotclub.trust')

local M = {}

local health = vim.health

---A check may take so long; it is the one place that waits, for :checkhealth has to.
local patience_ms = 3000

---@return boolean
local function check_program()
  health.start('hotclub: program')
  local cmd = config.get().cmd
  local path = vim.fn.exepath(cmd[1] or '')
  if path == '' then
    health.error(('there is no program "%s"'):format(cmd[1] or ''), {
      'install hotclub and put it on the PATH',
      "or name it: require('hotclub').setup({ cmd = { '/path/to/hotclub', 'lsp' } })",
    })
    return false
  end
  local ok, answer = pcall(function()
    return vim.system({ path, 'version' }, { text = true }):wait(patience_ms)
  end)
  if not ok or answer.code ~= 0 then
    health.error(('"%s version" does not work: %s'):format(path, ok and answer.stderr or answer), {
      'is it hotclub, and built for this machine?',
    })
    return false
  end
  health.ok(('%s, %s'):format(path, vim.trim(answer.stdout):gsub('\n', ', ')))
  return true
end

---@param server vim.lsp.Client
---@param method string
---@return table? answer, string? fault
local function ask(server, method)
  local done, fault, answer = false, nil, nil
  client.request_of(server, method, vim.empty_dict(), function(err, result)
    done, fault, answer = true, err and err.message, result
  end)
  vim.wait(patience_ms, function()
    return done
  end, 10)
  if not done then
    return nil, ('%s was not answered within %d s'):format(method, patience_ms / 1000)
  end
  return answer, fault
end

---@param server vim.lsp.Client
local function check_server(server)
  local told = (server.server_capabilities.experimental or {}).hotclub or {}
  health.ok(
    ('the server of %s answers: version %s, protocol %s (the plugin: %d)'):format(
      client.folder(server),
      (told.daemon or {}).version or (told.daemon or {}).build or 'unknown',
      told.version or 'none',
      protocol.version
    )
  )
  if told.daemon then
    health.info(('the daemon is process %d; its log: %s'):format(told.daemon.pid, told.daemon.log or 'none'))
  end
  local missing = vim.tbl_filter(function(feature)
    return not client.has(server, feature)
  end, { 'debug', 'coverage' })
  if #missing > 0 then
    health.warn('this hotclub has no ' .. table.concat(missing, ' and no '), { 'install a newer one' })
  end
end

---@param server vim.lsp.Client
local function check_project(server)
  health.start('hotclub: project')
  local root = client.folder(server)
  if not vim.uv.fs_stat(root) then
    return health.error(root .. ' is gone', { 'open the project where it is now' })
  end
  if trust.has(root) then
    health.ok(root .. ' is trusted')
  else
    health.warn(root .. ' is not trusted: tests are found, none is run', {
      ':Hotclub trust, or the first run, trusts it',
      "require('hotclub').setup({ trusted = { '" .. root .. "' } })",
    })
  end
  local status, fault = ask(server, 'hotclub/status')
  if not status then
    return health.error('the server does not tell of its projects: ' .. fault)
  end
  if #status.projects == 0 then
    health.info('nothing of it has been started yet; the first run does')
  end
  for _, project in ipairs(status.projects) do
    local text = ('%s%s: %s, settings %s, %s, interpreter %s'):format(
      project.root,
      project.coverage and ' (runs with coverage)' or '',
      project.state,
      project.settings ~= '' and project.settings or 'none',
      project.versions ~= '' and project.versions or 'versions not known yet',
      project.python
    )
    if project.error then
      health.error(text .. '\n' .. project.error, { 'mend it and save; the project is started anew by itself' })
    else
      health.ok(text)
    end
    if project.unwatched then
      health.warn(project.unwatched)
    end
  end
  if not trust.has(root) then
    return
  end
  local diagnosis, unknown = ask(server, 'hotclub/diagnose')
  if diagnosis then
    health.info('what "hotclub doctor" says:\n' .. vim.trim(diagnosis.text))
  else
    health.warn('no diagnosis: ' .. unknown)
  end
end

local function check_editor()
  health.start('hotclub: editor')
  local options = config.get()
  if not options.lenses then
    health.info('lenses are off; setup({ lenses = true }) turns them on')
  elseif vim.lsp.codelens.enable then
    health.ok('lenses are on; Neovim draws them above the line and keeps them current')
  else
    health.ok('lenses are on; this Neovim draws them at the end of the line')
  end
  if pcall(require, 'dap') then
    health.ok('nvim-dap is here: :Hotclub debug')
  else
    health.info('nvim-dap is not installed; :Hotclub debug needs it')
  end
end

function M.check()
  local found = check_program()
  check_editor()
  health.start('hotclub: server')
  local servers = vim.lsp.get_clients({ name = client.name })
  if #servers == 0 then
    if found then
      health.info('no server runs: ' .. client.why_not(vim.fn.bufnr('#') ~= -1 and vim.fn.bufnr('#') or nil))
    end
    return
  end
  for _, server in ipairs(servers) do
    check_server(server)
    check_project(server)
  end
end

return M
