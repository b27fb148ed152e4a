-- nvim --headless --clean -S journey.lua: what a person does in a day.
local h = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/harness.lua')

local deep = [[
import unittest

class Deep(unittest.TestCase):
    def compare(self, one, other):
        self.assertEqual(one, other)

    def test_deep(self):
        self.compare(1, 2)
]]

local function output()
  local bufnr = vim.fn.bufnr('hotclub://output')
  return bufnr ~= -1 and table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), '\n') or ''
end

local function counts(run)
  return ('%d of %d failed'):format(#run.bad, run.done)
end

local function nearest_and_file()
  h.go('self.assertEqual(1 + 1, 2)')
  vim.cmd('Hotclub nearest')
  h.sign('def test_right', '✔', ' ms')
  h.check('only the nearest ran', not h.signs()[h.line('def test_wrong')])
  h.check('no window was opened', #vim.api.nvim_list_wins() == 1)

  h.go('def test_wrong')
  vim.api.nvim_feedkeys(vim.keycode('<Plug>(hotclub-nearest)'), 'mx', false)
  h.sign('def test_wrong', '✘', '2 != 3')
  h.wait('the diagnostic at the line of the failure', function()
    local found = vim.diagnostic.get(h.buffer)
    return #found == 1 and found[1].lnum == h.line('self.assertEqual(1 + 1, 3)')
  end)

  local run = h.finished(function()
    vim.cmd('Hotclub file')
  end)
  h.check('the file has three tests: ' .. counts(run), run.done == 3 and #run.bad == 1)
  h.sign('def test_starts_full', '✔', ' queries')
  h.check('the status line tells it', require('hotclub').statusline():find('✘ 1 of 3', 1, true))
end

-- The text of a failure stands at its line once: Neovim shows that of diagnostics from 0.11 on only when
-- it is told to.
local function once_at_its_line()
  local at = h.line('self.assertEqual(1 + 1, 3)')
  for _, shown in ipairs({ true, false }) do
    vim.diagnostic.config({ virtual_text = shown })
    h.finished(function()
      vim.cmd('Hotclub failed')
    end)
    h.sign('def test_wrong', '✘')
    h.check('drawn by the plugin when the diagnostic has no text', (h.signs()[at] ~= nil) == not shown)
    local row = vim.split(h.screen(), '\n')[at + 1]
    local _, times = row:gsub('2 != 3', '')
    h.check('the failure once in "' .. row .. '"', times == 1)
  end
end

local function quickfix_and_output()
  local list = vim.fn.getqflist({ title = 0, items = 0, winid = 0 })
  h.check('the quickfix list: ' .. vim.inspect(list), list.title == 'Hotclub: 1 failed' and #list.items == 1)
  h.check('it leads to the line', list.items[1].lnum == h.line('1 + 1, 3)') + 1 and list.items[1].bufnr == h.buffer)
  h.check('its window stays closed', list.winid == 0)

  local window = vim.api.nvim_get_current_win()
  h.go('def test_wrong')
  vim.cmd('Hotclub output')
  h.wait('the log', function()
    return output():find('AssertionError: 2 != 3', 1, true) and output():find('about to fail', 1, true)
  end)
  h.check('the cursor stays', vim.api.nvim_get_current_win() == window and #vim.api.nvim_list_wins() == 2)
  vim.cmd('Hotclub explain')
  h.wait('the explanation', function()
    return output():find('It last ran at', 1, true)
  end)
  vim.cmd('Hotclub status')
  h.wait('the workers', function()
    return output():find('WORKER', 1, true)
  end)
  vim.cmd('Hotclub output')
  h.wait('the log once more', function()
    return output():find('2 != 3', 1, true)
  end)
end

-- <CR> on a line of a traceback goes to its code.
local function jump()
  h.go('import unittest')
  local log = vim.fn.bufwinid('hotclub://output')
  vim.api.nvim_set_current_win(log)
  vim.fn.search('File "')
  vim.api.nvim_feedkeys(vim.keycode('<CR>'), 'mx', false)
  h.check('the cursor is in the code', vim.api.nvim_get_current_buf() == h.buffer)
  h.check('at the line', vim.api.nvim_win_get_cursor(0)[1] == h.line('1 + 1, 3)') + 1)
end

-- Every frame of the project in the quickfix list, for those who want them.
local function frames()
  h.setup({ quickfix = { frames = true } })
  h.write('app/tests_deep.py', deep)
  h.open('app/tests_deep.py')
  h.ready()
  h.finished(function()
    vim.cmd('Hotclub file')
  end)
  local found = vim.tbl_map(function(entry)
    return ('%d %s'):format(entry.lnum, vim.trim(entry.text))
  end, vim.fn.getqflist())
  h.check(
    'the frames: ' .. vim.inspect(found),
    vim.deep_equal(found, {
      '5 app.tests_deep.Deep.test_deep: 1 != 2',
      '8 called from test_deep',
    })
  )
  vim.fn.delete(h.project .. '/app/tests_deep.py')
  vim.cmd('bwipeout!')
  h.setup()
  h.open('app/tests.py')
end

local function copy()
  h.wait('the tests of the buffer', function()
    return #require('hotclub.tests').of(h.buffer) > 0
  end)
  local item = vim.tbl_filter(function(each)
    return each.name == 'test_right'
  end, require('hotclub.tests').of(h.buffer))[1]
  vim.lsp.commands['hotclub.copyCommand'](
    { command = 'hotclub.copyCommand', arguments = { { id = item.id } } },
    { bufnr = h.buffer }
  )
  h.wait('the command in the register', function()
    return vim.fn.getreg('"'):find('manage.py test app.tests.Arithmetic.test_right', 1, true)
  end)
end

-- From 0.11 on the server may be started by Neovim itself.
local function enabled()
  if not vim.lsp.enable then
    return
  end
  local before = h.client()
  h.setup({ autostart = false })
  before:stop()
  h.wait('the end of the server', function()
    return #vim.lsp.get_clients({ name = 'hotclub' }) == 0
  end)
  vim.lsp.enable('hotclub')
  vim.cmd('edit')
  vim.bo.filetype = 'python'
  h.ready()
  h.check('it is another one', h.client().id ~= before.id)
  h.go('def test_right')
  local run = h.finished(function()
    vim.cmd('Hotclub nearest')
  end)
  h.check('it runs tests: ' .. counts(run), run.done == 1)
end

-- Mended in the buffer: a run saves it first, and the log that is open follows.
local function mend()
  h.replace('1 + 1, 3', '1 + 1, 2')
  local run = h.finished(function()
    vim.cmd('Hotclub failed')
  end)
  h.check('what failed ran, and passed: ' .. counts(run), run.done == 1 and #run.bad == 0)
  h.check('the buffer was saved', not vim.bo.modified)
  h.sign('def test_wrong', '✔')
  h.wait('the diagnostic goes', function()
    return #vim.diagnostic.get(h.buffer) == 0
  end)
  h.wait('the log tells of the new verdict', function()
    return output():find('✔', 1, true) and not output():find('2 != 3', 1, true)
  end)
  h.check('the quickfix list is empty', #vim.fn.getqflist() == 0)
  vim.cmd.only()

  -- The last selection is that of what failed, and nothing does any more.
  vim.cmd('Hotclub last')
  h.heard('no test failed when it last ran')
end

local function affected()
  h.finished(function()
    vim.cmd('Hotclub run')
  end)
  local none = h.finished(function()
    vim.cmd('Hotclub affected')
  end)
  h.check('nothing has been edited: ' .. counts(none), none.done == 0)
  h.replace('1 + 1, 2)', '2 + 0, 2)')
  local run = h.finished(function()
    vim.cmd('Hotclub affected')
  end)
  h.check('an edit is noticed: ' .. counts(run), run.done >= 1)
end

local function labels()
  h.check(
    'labels complete',
    vim.deep_equal(vim.fn.getcompletion('Hotclub run app.tests.Sh', 'cmdline'), {
      'app.tests.Shelf',
      'app.tests.Shelf.test_starts_full',
    })
  )
  local run = h.finished(function()
    vim.cmd('Hotclub run app.tests.Shelf')
  end)
  h.check('the label ran: ' .. counts(run), run.done == 1)
end

-- Signs move with the text, and what has been edited since is shown as stale once it is saved.
local function edit()
  local before = h.line('def test_right')
  vim.api.nvim_buf_set_lines(h.buffer, 0, 0, false, { '# one', '# two' })
  h.check('the sign went along', h.signs()[before + 2].sign == '✔')
  h.replace('2 + 0, 2)', '1 + 1, 2)')
  vim.cmd('silent write')
  h.wait('the verdict is stale', function()
    local result = vim.tbl_filter(function(each)
      return each.stale
    end, vim.tbl_values(require('hotclub.verdicts').of(vim.api.nvim_buf_get_name(h.buffer))))
    return #result >= 1
  end)
end

local function watch()
  vim.cmd('Hotclub watch')
  h.wait('the mark in the status line', function()
    return require('hotclub').statusline():find('◉', 1, true)
  end)
  h.replace('def test_wrong', 'def test_wrong') -- nothing but a change
  h.replace('1 + 1, 2)', '1 + 1, 7)')
  vim.cmd('silent write')
  h.wait('the save runs the test, which fails', function()
    local signs = h.signs()
    return signs[h.line('def test_right')].sign == '✘'
      and not signs[h.line('def test_right')].text:find('…', 1, true)
  end)
  h.replace('1 + 1, 7)', '1 + 1, 2)')
  vim.cmd('silent write')
  h.sign('def test_right', '✔')
  vim.cmd('Hotclub watch')
  h.wait('it is watched no more', function()
    return not require('hotclub').statusline():find('◉', 1, true)
  end)
end

local function cancel()
  h.begin_slow_test()
  h.check('the status line tells it', require('hotclub').statusline():find('▸ 0/1', 1, true))
  vim.cmd('Hotclub cancel')
  h.wait('the end of the run', function()
    return require('hotclub.runs').last().outcome == 'cancelled'
  end)
  h.sign('def test_slow', '–')
  vim.fn.delete(h.project .. '/app/tests_slow.py')
  vim.cmd('bwipeout!')
  h.open('app/tests.py')
end

-- Whoever runs tests, they show.
local function shell()
  vim.cmd('Hotclub clear')
  h.check('nothing is drawn', vim.tbl_isempty(h.signs()))
  local command = { h.binary, 'run', '--python', vim.env.PYTHON, 'app.tests.Shelf' }
  local run = h.finished(function()
    local done = vim.system(command, { cwd = h.project, text = true }):wait()
    h.check('the run of the shell: ' .. done.stdout .. done.stderr, done.code == 0)
  end)
  h.check('it is not ours: ' .. counts(run), not run.own and run.done == 1)
  h.sign('def test_starts_full', '✔')
end

-- Neovim started anew knows the verdicts of before, and reading a file again keeps them in sight.
local function reload()
  vim.cmd('Hotclub clear')
  vim.cmd('edit')
  h.sign('def test_starts_full', '✔')
end

local function lenses()
  require('hotclub').setup({
    cmd = { h.binary, 'lsp' },
    python = vim.env.PYTHON,
    trusted = true,
    lenses = true,
  })
  require('hotclub.client').reconnect(h.project)
  h.wait('another server', function()
    return h.client() and h.client().initialized and h.client().config.capabilities.experimental.hotclub.lenses == 'on'
  end)
  local function title(text)
    local old = not vim.lsp.codelens.enable
    local titles = {}
    for _, entry in ipairs(vim.lsp.codelens.get(old and h.buffer or { bufnr = h.buffer })) do
      local lens = entry.lens or entry
      if lens.range.start.line == h.line(text) and lens.command then
        table.insert(titles, lens.command.title)
      end
    end
    return table.concat(titles, ' | ')
  end
  h.wait('the lens', function()
    return title('def test_wrong'):find('▶ Run', 1, true)
  end)
  -- The server has just been started, and shows the verdicts of before.
  h.sign('def test_starts_full', '✔')
  h.check('debugging is offered', title('def test_wrong'):find('Debug', 1, true))
  h.go('def test_wrong')
  h.replace('1 + 1, 2)', '1 + 1, 2)')
  local run = h.finished(function()
    -- Where a line has several lenses, Neovim asks which.
    vim.ui.select = function(items, _, choose)
      choose(items[1], 1)
    end
    vim.lsp.codelens.run()
  end)
  h.check('a click runs one test: ' .. counts(run), run.done == 1 and run.own)
  h.wait('the lens tells the verdict', function()
    return title('def test_wrong'):find('✔', 1, true)
  end)
  h.check('it is not told twice', h.signs()[h.line('def test_wrong')].text == '')
end

h.main(function()
  h.setup()
  h.open('app/tests.py')
  h.ready()
  for _, step in ipairs({
    nearest_and_file,
    once_at_its_line,
    quickfix_and_output,
    jump,
    mend,
    frames,
    copy,
    affected,
    labels,
    edit,
    watch,
    cancel,
    shell,
    reload,
    lenses,
    enabled,
  }) do
    step()
  end
  -- Of two saves in a row the second may find the run of the first; then that is told.
  local complaints = vim.tbl_filter(function(text)
    return not text:find('changed while the run was on', 1, true)
  end, h.said)
  h.check('nothing else was complained of', #complaints == 1)
  io.stdout:write('the journey, in Neovim ' .. tostring(vim.version()))
end)
