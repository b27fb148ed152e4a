-- nvim --headless --clean -S dap.lua: a test is debugged in a warm worker, with the debugpy of the project's
-- environment. nvim-dap is tests/stub here; what it says to debugpy is real.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local h = dofile(here .. '/harness.lua')
package.path = here .. '/stub/?.lua;' .. package.path

local dap = require('dap')

local function stopped(before)
  h.wait('a stop', function()
    return dap.session and dap.session ~= before and dap.session.stopped ~= nil
  end)
  return dap.session
end

local function value(session, expression)
  local told
  session:evaluate(expression, function(result)
    told = result
  end)
  h.wait('the value of ' .. expression, function()
    return told ~= nil
  end)
  return told
end

local function over(session)
  h.wait('the end of the session', function()
    return session.ended
  end)
  h.wait('the end of the run', function()
    return #require('hotclub.runs').open() == 0
  end)
end

h.main(function()
  h.setup()
  h.open('app/tests.py')
  h.ready()
  local file = vim.api.nvim_buf_get_name(0)

  -- A breakpoint in a test that fails.
  local line = h.line('self.assertEqual(1 + 1, 3)') + 1
  dap.breakpoints = { [file] = { line } }
  h.go('def test_wrong')
  vim.cmd('Hotclub debug')
  local session = stopped()
  local frame = session.stopped.frames[1]
  h.check(
    vim.inspect(frame),
    session.stopped.reason == 'breakpoint' and frame.line == line and frame.source.path == file
  )
  h.check('the test is running', require('hotclub.runs').open()[1] ~= nil)
  h.check('a value', value(session, 'self.id()') == "'app.tests.Arithmetic.test_wrong'")
  session:continue()
  over(session)
  h.sign('def test_wrong', '✘', '2 != 3')

  -- Cancelled while it stands still.
  vim.cmd('Hotclub debug')
  local cancelled = stopped(session)
  vim.cmd('Hotclub cancel')
  over(cancelled)
  h.check('cancelled', require('hotclub.runs').last().outcome == 'cancelled')

  -- neotest's strategy "dap" is the same.
  local nio = require('nio')
  local adapter, results = require('neotest-hotclub'), nil
  nio.run(function()
    local tree = adapter.discover_positions(file):get_key(file .. '::Arithmetic::test_wrong')
    local spec = adapter.build_spec({ tree = tree, strategy = 'dap' })
    local process = spec.strategy(spec, { position = tree:data(), adapter = adapter })
    process.result()
    results = adapter.results(spec, { code = 1, output = process.output() }, tree)
  end)
  session = stopped(cancelled)
  session:continue()
  over(session)
  h.wait('the results', function()
    return results ~= nil
  end)
  h.check(vim.inspect(results), results[file .. '::Arithmetic::test_wrong'].status == 'failed')

  -- Without a breakpoint it stops where the test fails, if that is wanted.
  dap.breakpoints = {}
  vim.cmd('Hotclub! debug')
  local failure = stopped(session)
  h.check(
    vim.inspect(failure.stopped.frames[1]),
    failure.stopped.frames[1].source.path == file and failure.stopped.frames[1].line == line
  )
  failure:continue()
  over(failure)

  io.stdout:write('debugged in Neovim ' .. tostring(vim.version()) .. '\n')
end)
