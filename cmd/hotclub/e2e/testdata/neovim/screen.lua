-- nvim --headless --clean -S screen.lua: prints what a person sees after a click on each test.
local ok, fault = xpcall(function()
  local c = dofile(assert(vim.env.SCRIPTS) .. '/common.lua')
  vim.o.lines, vim.o.columns = 30, 92
  vim.o.number, vim.o.signcolumn, vim.o.showmode, vim.o.ruler = true, 'yes', false, false
  vim.o.laststatus, vim.o.shortmess = 0, vim.o.shortmess .. 'F'
  vim.diagnostic.config({ virtual_text = true })

  c.open('app/tests.py')
  c.wait('the lenses', function()
    c.ask()
    return c.titles()[c.line('def test_right')] ~= nil
  end)
  c.run('def test_right')
  c.lens('def test_right', '✔ ')
  c.run('def test_wrong')
  c.lens('def test_wrong', '✘ 2 != 3')
  c.lens('class Arithmetic', '✘ 1 of 2 failed')
  c.diagnostics(1)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.cmd('echo')

  local screen
  c.wait('the screen', function()
    vim.cmd('redraw!')
    local rows = {}
    for row = 1, vim.o.lines - 1 do
      local cells = {}
      for column = 1, vim.o.columns do
        cells[column] = vim.fn.screenstring(row, column)
      end
      rows[row] = table.concat(cells):gsub('%s+$', '')
    end
    screen = table.concat(rows, '\n'):gsub('[\n~]+$', '')
    return screen:find('✘ 2 != 3', 1, true) and screen:find('✘ 1 of 2', 1, true) and screen:find('■', 1, true)
  end)
  local version = vim.version()
  io.stdout:write(('SCREEN of Neovim %d.%d\n%s\n'):format(version.major, version.minor, screen))
end, debug.traceback)
if not ok then
  io.stderr:write(tostring(fault) .. '\n')
  vim.cmd('cquit 1')
end
vim.cmd('qa!')
