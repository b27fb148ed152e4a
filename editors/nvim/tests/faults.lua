-- nvim --headless --clean -S faults.lua: what a person sees and can do when something is wrong.
local h = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/harness.lua')
local client = require('hotclub.client')
local python = assert(vim.env.PYTHON)

-- begin is a Neovim without a server, and with some configuration.
local function begin(options)
  for _, each in ipairs(vim.lsp.get_clients({ name = 'hotclub' })) do
    if vim.fn.has('nvim-0.11') == 1 then
      each:stop()
    else
      each.stop()
    end
  end
  h.wait('the end of the server', function()
    return #vim.lsp.get_clients({ name = 'hotclub' }) == 0
  end)
  h.said = {}
  h.setup(options)
end

-- again makes another attempt, as a person does after mending something.
local function again()
  vim.cmd('Hotclub restart')
  h.ready()
end

local function no_such_option()
  begin({ lense = true, save = 'sometimes', signs = 3 })
  h.heard('there is no option "lense"; there are autostart, ')
  h.heard('save is "sometimes", and must be one of')
  h.heard('signs is 3, and must be a boolean or table')
  vim.cmd('Hotclub nearset')
  h.heard('there is no :Hotclub nearset; there are affected, ')
end

local function no_binary()
  begin({ cmd = { '/nowhere/hotclub', 'lsp' } })
  h.open('app/tests.py')
  h.heard('there is no program "/nowhere/hotclub"; put hotclub on the PATH, or name it')
  h.said = {}
  vim.cmd('Hotclub nearest')
  h.heard('there is no program "/nowhere/hotclub"')
  h.check('the status line tells it', require('hotclub').statusline() == 'hotclub ✘')
  vim.cmd('checkhealth hotclub')
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  h.check('so does checkhealth: ' .. text, text:find('ERROR there is no program "/nowhere/hotclub"', 1, true))
  vim.cmd('bwipeout!')
  vim.cmd('silent! tabonly | only')
  h.open('app/tests.py')
end

-- A server that ends at once is tried again, each time later, and then given up with the place of its log.
local function crashes()
  client.backoff = { 5, 10, 15 }
  begin({ cmd = { python, '-c', 'import sys; sys.exit("this is the reason")' } })
  client.reconnect(h.project, h.buffer)
  h.heard('the server ended with status 1; it is started again')
  h.heard(', 4 times in a row; what it said is in ' .. client.log())
  local log = table.concat(vim.fn.readfile(client.log()), '\n')
  h.check('the log has the reason', log:find('this is the reason', 1, true))
end

-- other is a server of some version of the protocol; none: one that knows nothing of it.
local function other(experimental)
  return {
    python,
    '-c',
    ([[
import json, sys
while True:
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    if not length:
        break
    message = json.loads(sys.stdin.buffer.read(length))
    if "id" not in message:
        continue
    result = {"capabilities": {"experimental": %s}, "serverInfo": {"name": "other", "version": "0.0.7"}}
    body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
    sys.stdout.buffer.write(b"Content-Length: %%d\r\n\r\n%%s" %% (len(body), body))
    sys.stdout.buffer.flush()
]]):format(experimental),
  }
end

local function other_version()
  for version, experimental in pairs({ ['2'] = '{"hotclub": {"version": 2}}', none = '{}' }) do
    begin({ cmd = other(experimental) })
    client.reconnect(h.project, h.buffer)
    h.heard(
      ('speaks protocol %s and this plugin 1; install the hotclub that belongs to it, or update it'):format(version)
    )
    h.wait('its end', function()
      return #vim.lsp.get_clients({ name = 'hotclub' }) == 0
    end)
    h.said = {}
    vim.cmd('Hotclub nearest')
    h.heard('speaks protocol ' .. version)
  end
end

-- pid_of is the process of the server, a child of this Neovim.
local function pid_of_server()
  for _, child in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
    local file = io.open(('/proc/%d/cmdline'):format(child))
    local command = file and file:read('*a') or ''
    if file then
      file:close()
    end
    if command:find(h.binary, 1, true) then
      return child
    end
  end
end

-- Nothing of a project is started until a person has said so; that is asked once, and kept.
local function trust()
  client.backoff = { 5, 10, 15 }
  local asked, answer = {}, 2
  vim.ui.select = function(items, options, choose)
    table.insert(asked, options.prompt)
    choose(items[answer], answer)
  end
  begin({ trusted = false })
  again()
  h.go('def test_right')
  vim.cmd('Hotclub nearest')
  h.heard('nothing was run; :Hotclub trust trusts the project')
  h.check('it names the project', asked[1]:find(h.project, 1, true))
  vim.cmd('Hotclub nearest')
  h.heard('is not trusted, so nothing of it runs; :Hotclub trust changes that')
  h.check('it is asked once', #asked == 1)
  h.check('nothing is drawn', vim.tbl_isempty(h.signs()))
  local ran = vim.system({ h.binary, 'status' }, { cwd = h.project, text = true }):wait()
  h.check('nothing was started: ' .. ran.stdout, not ran.stdout:find('ready', 1, true))

  vim.cmd('Hotclub trust')
  vim.cmd('Hotclub nearest')
  h.sign('def test_right', '✔')
  h.check('it is remembered', vim.tbl_contains(require('hotclub.trust').remembered(), vim.uv.fs_realpath(h.project)))
  local before = h.client().id
  vim.cmd('Hotclub! trust')
  h.wait('another server', function()
    return h.client() and h.client().id ~= before and h.client().initialized
  end)
  h.check('it is forgotten', #require('hotclub.trust').remembered() == 0)
  h.said = {}
  vim.cmd('Hotclub nearest')
  h.heard('is not trusted')
end

-- The server killed in a run: what was on its way is not run, another server comes, and works.
local function killed()
  begin()
  again()
  h.begin_slow_test()
  local before = h.client().id
  vim.uv.kill(assert(pid_of_server()), 'sigkill')
  h.heard('the server ended by signal 9; it is started again')
  h.sign('def test_slow', '–', 'the server ended')
  h.wait('another server', function()
    return h.client() and h.client().id ~= before and h.client().initialized
  end)
  vim.fn.delete(h.project .. '/app/tests_slow.py')
  vim.cmd('bwipeout!')
  h.open('app/tests.py')
  h.go('def test_right')
  vim.cmd('Hotclub nearest')
  h.sign('def test_right', '✔')
end

local function no_debugger()
  vim.cmd('Hotclub debug')
  h.heard('debugging needs the plugin nvim-dap')
end

-- The daemon killed: the forwarder replaces it, and the person is told.
local function daemon_killed()
  local daemon = h.client().server_capabilities.experimental.hotclub.daemon.pid
  vim.uv.kill(daemon, 'sigkill')
  h.go('def test_right')
  h.wait('a run on another daemon', function()
    local run = h.finished(function()
      vim.cmd('Hotclub nearest')
    end)
    return run.outcome == 'completed'
  end)
  h.sign('def test_right', '✔')
end

local function unsaved()
  begin({ save = false })
  again()
  h.replace('1 + 1, 2)', '1 + 1, 2) ')
  h.go('def test_right')
  vim.cmd('Hotclub nearest')
  h.heard('not saved: app/tests.py; what is on the disk runs')
  vim.cmd('edit!')
  h.setup()
  vim.bo.readonly = true
  h.replace('1 + 1, 2)', '1 + 1, 2) ')
  vim.cmd('Hotclub nearest')
  h.heard('nothing was run, for ' .. h.project .. '/app/tests.py could not be saved: E45: ')
  vim.cmd('edit!')
  vim.bo.readonly = false
end

-- An edit that keeps the project from starting is told with its line; mended, tests run again.
local function broken_settings()
  begin()
  again()
  local settings = h.project .. '/conf.py'
  local good = vim.fn.readfile(settings)
  vim.fn.writefile({ 'import nothing_of_that_name' }, settings)
  h.go('def test_right')
  vim.cmd('Hotclub nearest')
  h.heard("No module named 'nothing_of_that_name'")
  vim.fn.writefile(good, settings)
  h.wait('a run', function()
    local run = h.finished(function()
      vim.cmd('Hotclub nearest')
    end)
    return run.outcome == 'completed' and run.counts.passed == 1
  end)
end

local function no_django()
  local bare = vim.env.BARE_PYTHON
  begin({ python = bare })
  again()
  vim.cmd('Hotclub nearest')
  h.heard('Django')
  begin({ python = '/nowhere/python' })
  again()
  vim.cmd('Hotclub nearest')
  h.heard('/nowhere/python')
end

-- The project's folder goes away while it is open.
local function deleted()
  begin()
  again()
  vim.fn.delete(h.project, 'rf')
  vim.cmd('Hotclub nearest')
  h.wait('a message', function()
    return #h.said > 0
  end)
  vim.uv.kill(assert(pid_of_server()), 'sigkill')
  h.heard('the folder ' .. h.project .. ' is gone; open the project where it is now')
  vim.fn.mkdir(h.project) -- whoever started this looks after it
end

h.main(function()
  for _, step in ipairs({
    no_such_option,
    no_binary,
    crashes,
    other_version,
    trust,
    killed,
    no_debugger,
    daemon_killed,
    unsaved,
    broken_settings,
    no_django,
    deleted,
  }) do
    step()
  end
  io.stdout:write('all faults, in Neovim ' .. tostring(vim.version()))
end)
