-- nvim --headless --clean -S coverage.lua: which lines a run has executed.
local h = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/harness.lua')

local code = [[
def price(kind):
    if kind == "book":
        return 12
    return 7
]]

local tests = [[
import unittest

from app.prices import price


class Prices(unittest.TestCase):
    def test_book(self):
        self.assertEqual(price("book"), 12)
]]

h.main(function()
  h.write('app/prices.py', code)
  h.write('app/tests_prices.py', tests)
  h.setup()
  h.open('app/prices.py')
  local shown = h.buffer
  h.open('app/tests_prices.py')
  h.ready()
  local run = h.finished(function()
    vim.cmd('Hotclub coverage')
  end)
  h.check('the run: ' .. vim.inspect(run), run.outcome == 'completed' and run.done == 1)

  local namespace = require('hotclub.coverage').namespace
  local function highlights()
    local found = {}
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(shown, namespace, 0, -1, { details = true })) do
      found[mark[2]] = mark[4].sign_hl_group
    end
    return found
  end
  h.wait('the marks', function()
    return vim.deep_equal(highlights(), {
      [0] = 'HotclubCovered',
      [1] = 'HotclubCovered',
      [2] = 'HotclubCovered',
      [3] = 'HotclubMissed',
    })
  end)
  vim.cmd('Hotclub clear')
  h.check('they are gone', vim.tbl_isempty(highlights()))
  io.stdout:write('coverage, in Neovim ' .. tostring(vim.version()))
end)
