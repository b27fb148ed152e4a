-- nvim --headless --clean -S neotest.lua: what neotest asks of the adapter, with the real server. neotest and
-- nvim-nio are tests/stub here; neotest_real.lua has their own code.
local h = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/harness.lua')
package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/stub/?.lua;' .. package.path

local nio = require('nio')

-- wait runs a task to its end and returns what it does.
local function wait(what, task)
  local done, results
  nio.run(task, function(_, ...)
    done, results = true, { ... }
  end)
  h.wait(what, function()
    return done
  end)
  return unpack(results)
end

-- go does what neotest's runner does with a position, and tells what was streamed on the way.
local function go(adapter, tree, options)
  return wait('the run of ' .. tree:data().name, function()
    options = options or {}
    local spec = adapter.build_spec({ tree = tree, strategy = options.strategy or 'integrated' })
    local process = spec.strategy(spec, { position = tree:data(), adapter = adapter })
    local streamed = {}
    nio.run(function()
      for batch in spec.stream(process.output_stream()) do
        streamed = vim.tbl_extend('force', streamed, batch)
        if options.on_result then
          options.on_result(streamed, process)
        end
      end
    end)
    local code = process.result()
    assert(process.is_complete())
    return adapter.results(spec, { code = code, output = process.output() }, tree), code, streamed, process.output()
  end)
end

local function read(path)
  return table.concat(vim.fn.readfile(path), '\n')
end

h.main(function()
  h.setup()
  h.write(
    'app/test_more.py',
    [[
import time
import unittest


class Base:
    def test_inherited(self):
        pass


class Kinds(Base, unittest.TestCase):
    def test_skip(self):
        self.skipTest("not today")

    @unittest.expectedFailure
    def test_expected(self):
        self.fail("as expected")

    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)


class Slow(unittest.TestCase):
    def test_quick(self):
        pass

    def test_slow(self):
        time.sleep(60)
]]
  )
  local adapter = require('neotest-hotclub')
  local file, more = h.project .. '/app/tests.py', h.project .. '/app/test_more.py'

  -- What neotest goes by before anything is read.
  h.check('the root', adapter.root(h.project .. '/app') == h.project)
  h.check('no root', adapter.root('/') == nil)
  h.check('a file of tests', adapter.is_test_file(file) and adapter.is_test_file(more))
  h.check('another file', not adapter.is_test_file(h.project .. '/app/models.py'))
  h.check('folders', adapter.filter_dir('app') and not adapter.filter_dir('.git') and not adapter.filter_dir('venv'))

  -- Positions, with no buffer open: the adapter starts the server.
  local tree = wait('the positions', function()
    return adapter.discover_positions(file)
  end)
  local seen = {}
  for _, position in tree:iter() do
    table.insert(seen, position.type .. ' ' .. position.id:sub(#file + 1) .. ' ' .. position.name)
    assert(position.path == file and position.range, vim.inspect(position))
  end
  h.check(
    vim.inspect(seen),
    vim.deep_equal(seen, {
      'file  tests.py',
      'namespace ::Arithmetic Arithmetic',
      'test ::Arithmetic::test_right test_right',
      'test ::Arithmetic::test_wrong test_wrong',
      'namespace ::Shelf Shelf',
      'test ::Shelf::test_starts_full test_starts_full',
    })
  )
  local wrong = tree:get_key(file .. '::Arithmetic::test_wrong')
  h.check('its lines', vim.deep_equal(wrong:data().range, { 7, 0, 10, 0 }))
  h.check(
    'a file without tests',
    wait('no positions', function()
      return adapter.discover_positions(h.project .. '/app/models.py') == nil
    end)
  )

  -- A file: results stream, the failure stands at its line, what it printed is in its output.
  local results, code, streamed, log = go(adapter, tree)
  h.check('the code of a failure', code == 1)
  local right = results[file .. '::Arithmetic::test_right']
  local failure = results[wrong:data().id]
  h.check('a pass', right.status == 'passed' and right.errors == nil)
  h.check('with a database', results[file .. '::Shelf::test_starts_full'].status == 'passed')
  h.check(vim.inspect(failure), failure.status == 'failed' and vim.deep_equal(failure.errors, {
    { message = '2 != 3', line = 9 },
  }))
  h.check(
    'its output',
    read(failure.output):find('about to fail', 1, true) and read(failure.output):find('Traceback', 1, true)
  )
  h.check('the log', read(log):find('test_right: passed', 1, true) and read(log):find('about to fail', 1, true))
  h.check('what was streamed', vim.tbl_count(streamed) == 3 and streamed[wrong:data().id].status == 'failed')
  h.wait('the marks of the plugin', function()
    return #require('hotclub.runs').open() == 0
  end)

  -- One test alone, and all that a verdict can be.
  results, code = go(adapter, tree:get_key(file .. '::Arithmetic::test_right'))
  h.check('one test', code == 0 and vim.tbl_count(results) == 1)
  local kinds, slow
  wait('the positions of the other file', function()
    local other = adapter.discover_positions(more)
    kinds, slow = other:get_key(more .. '::Kinds'), other:get_key(more .. '::Slow')
  end)
  results = go(adapter, kinds)
  h.check('a skip', results[more .. '::Kinds::test_skip'].status == 'skipped')
  h.check('why', results[more .. '::Kinds::test_skip'].short == 'not today')
  h.check('an expected failure', results[more .. '::Kinds::test_expected'].status == 'passed')
  local sub = results[more .. '::Kinds::test_sub']
  h.check(vim.inspect(sub), #sub.errors == 1 and sub.errors[1].message == '(i=1): 1 == 1' and sub.errors[1].line == 20)

  -- A result comes while the next test runs, and the run is stopped there: what has run keeps its verdict.
  results = go(adapter, slow, {
    on_result = function(so_far, process)
      if so_far[more .. '::Slow::test_quick'] then
        process.stop()
      end
    end,
  })
  h.check('a test before the stop', results[more .. '::Slow::test_quick'].status == 'passed')
  h.check('a stopped test', results[more .. '::Slow::test_slow'].status == 'skipped')

  -- A folder, and the whole project, without the slow one. Folders are neotest's own, and the server gets their paths.
  h.write('app/test_more.py', '')
  for _, path in ipairs({ h.project .. '/app', h.project }) do
    local folder = require('neotest.types').Tree.from_list(
      { { id = path, type = 'dir', name = path, path = path } },
      function(position)
        return position.id
      end
    )
    table.insert(folder.below, tree)
    results = go(adapter, folder)
    h.check(
      'all of ' .. path,
      results[wrong:data().id].status == 'failed' and results[file .. '::Arithmetic::test_right'].status == 'passed'
    )
  end

  -- A run of the shell shows in neotest too.
  local shown = {}
  local client = {
    listeners = {},
    get_adapters = function()
      return { 'neotest-other:/', 'neotest-hotclub:' .. h.project }
    end,
    get_position = function(_, id)
      return id and tree:get_key(id)
        or {
          data = function()
            return { path = h.project }
          end,
        }
    end,
    run_tree = function(_, node, args)
      local spec = adapter.build_spec({ tree = node, strategy = 'integrated', hotclub = args.hotclub })
      local process = spec.strategy(spec, {})
      process.result()
      shown = vim.tbl_extend('force', shown, adapter.results(spec, { code = 1, output = process.output() }, node))
    end,
  }
  require('neotest-hotclub.consumer')(client)
  client.listeners.started()
  vim.system(
    { h.binary, 'run', 'app.tests.Arithmetic' },
    { cwd = h.project, env = { VIRTUAL_ENV = vim.fs.dirname(vim.fs.dirname(vim.env.PYTHON)) } }
  )
  h.wait('what the shell ran', function()
    return vim.tbl_count(shown) == 2
  end)
  h.check(
    vim.inspect(shown),
    shown[wrong:data().id].status == 'failed' and shown[file .. '::Arithmetic::test_right'].status == 'passed'
  )

  -- An environment without debugpy, and a project that nobody trusts.
  results = go(adapter, wrong, { strategy = 'dap' })
  h.check('no debugger', results[wrong:data().id].errors[1].message:find('debugpy is not installed', 1, true))
  h.setup({ trusted = false })
  vim.ui.select = function(choices, _, choose)
    choose(choices[2], 2)
  end
  results = go(adapter, wrong)
  h.check('no trust', results[wrong:data().id].errors[1].message == 'the project is not trusted')

  io.stdout:write('the neotest adapter in Neovim ' .. tostring(vim.version()) .. '\n')
end)
