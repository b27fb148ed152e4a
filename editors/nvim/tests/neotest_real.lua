-- nvim --headless --clean -S neotest_real.lua: neotest's own runner and tree, on nvim-nio's own tasks, run the
-- tests of a file, stream their results and stop a run. $NEOTEST_DIR and $NIO_DIR name their folders.
local h = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/harness.lua')
vim.opt.runtimepath:append(assert(vim.env.NEOTEST_DIR))
vim.opt.runtimepath:append(assert(vim.env.NIO_DIR))

local nio = require('nio')

local function wait(what, task)
  local done, ok, result
  nio.run(task, function(...)
    done, ok, result = true, ...
  end)
  h.wait(what, function()
    return done
  end)
  h.check(what .. ': ' .. tostring(result), ok)
  return result
end

h.main(function()
  h.setup()
  h.write(
    'app/test_slow.py',
    [[
import time
import unittest


class Slow(unittest.TestCase):
    def test_quick(self):
        pass

    def test_slow(self):
        time.sleep(60)
]]
  )
  local adapter = require('neotest-hotclub')
  local runner = require('neotest.client.runner')(require('neotest.client.strategies')())

  local file = h.project .. '/app/tests.py'
  local tree = wait('the positions', function()
    return adapter.discover_positions(file)
  end)
  local streamed = {}
  local results = wait('a run', function()
    return runner:run_tree(tree, {}, 'hotclub', adapter, function(some)
      table.insert(streamed, some)
    end)
  end)
  local failure = results[file .. '::Arithmetic::test_wrong']
  h.check(vim.inspect(results), failure.status == 'failed' and failure.errors[1].line == 9)
  h.check('the rest', results[file .. '::Arithmetic::test_right'].status == 'passed')
  h.check(
    'what is around',
    results[file .. '::Arithmetic'].status == 'failed' and results[file .. '::Shelf'].status == 'passed'
  )
  h.check('the file', results[file].status == 'failed')
  h.check('results on the way', #streamed > 1)

  -- Stopped by neotest, as soon as the first result is there.
  local slow = h.project .. '/app/test_slow.py'
  tree = wait('the positions', function()
    return adapter.discover_positions(slow)
  end)
  local stopped = false
  results = wait('a run that is stopped', function()
    return runner:run_tree(tree, {}, 'hotclub', adapter, function(some)
      if not stopped and some[slow .. '::Slow::test_quick'] then
        stopped = true
        runner:stop(tree, 'hotclub')
      end
    end)
  end)
  h.check('stopped', stopped and results[slow .. '::Slow::test_slow'].status == 'skipped')
  h.check('before', results[slow .. '::Slow::test_quick'].status == 'passed')
  h.check('nothing runs', #runner:running() == 0)

  io.stdout:write('the real neotest in Neovim ' .. tostring(vim.version()) .. '\n')
end)
